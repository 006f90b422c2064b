import type { RowDataPacket } from 'mysql2/promise';
import { pino } from 'pino';
import { openMailbox } from '../../../lambda/data-migration/control/mailbox';
import { federationKeys } from '../../../lambda/data-migration/object-keys';
import { s3Marker } from '../../../lambda/data-migration/placement/marker-s3';
import { FIRST } from '../../../lambda/data-migration/placement/placement';
import { openSchema } from '../../../lambda/hosts/schema';
import { RetryLaterError } from '../../../lambda/shared/runtime/retry-later';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { handler as federation } from '../../../lib/data/federation.handler';
import { handler as migrations } from '../../../lib/data/migrations.handler';
import { handler as staff } from '../../../lib/data/staff.handler';
import { type FederationCommand, federate } from '../../../operate/federation/command';
import { deployedFederation } from '../../../operate/federation/deployed';
import { type ConditionalS3, startConditionalS3 } from '../../lambda/data-migration/conditional-s3';
import { AwsServer, contextWith, lambdaEnvironment } from '../../lib/aws';
import { ResponseServer } from '../../lib/response-server';
import { SecretsManager } from '../../lib/secrets-manager';
import { closing } from '../../support/cleanup';
import { openAdmin, openConnection } from '../../support/database-users';
import { mariaDb, serverEngines } from '../../support/engines';
import { LambdaApi } from '../../support/lambda-api';
import { hasMariaDb } from '../../support/mariadb';

const MINUTE = 60_000;
const BUCKET = 'deployments';
const HOMES = ['shared', 'own'] as const;
type Home = (typeof HOMES)[number];

/** The command as a person runs it against AWS: with the function, its servers and everything in between. */
(hasMariaDb() ? describe : describe.skip)('npm run federate', () => {
  const sockets = {} as Record<Home, string>;
  const address = new ResponseServer();
  let s3: ConditionalS3;
  let mailbox: ReturnType<typeof openMailbox>;
  let services = { status: 'UPDATE_COMPLETE', follows: true };
  /** A host of the user service. */
  let host: Sql;

  beforeAll(async () => {
    // The last engine is MySQL, where there is one: it stands for Aurora.
    const [ownEngine = mariaDb()] = serverEngines().slice(-1);
    sockets.shared = mariaDb().launch().socket;
    sockets.own = ownEngine.launch().socket;
    const secrets = await SecretsManager.start();
    for (const home of HOMES) {
      const admin = await openAdmin(sockets[home]);
      await admin.query(`CREATE USER admin IDENTIFIED BY 'master of ${home}'`);
      await admin.query('GRANT ALL ON *.* TO admin WITH GRANT OPTION');
      secrets.set(`master ${home}`, { username: 'admin', password: `master of ${home}` });
      secrets.set(`users ${home}`, { username: 'users_app', password: `app of ${home}` });
      secrets.set(`reader ${home}`, { username: 'users_reader', password: `reader of ${home}` });
    }
    s3 = await startConditionalS3();
    await s3.createBucket(BUCKET);
    mailbox = openMailbox(s3.client, BUCKET, federationKeys);
    const lambda = await LambdaApi.start();
    lambda.deploy('federation', () => federation({}, contextWith(15 * MINUTE), null));
    const cloudFormation = await AwsServer.start(({ values }) => stackAnswer(String(values.StackName)));
    lambdaEnvironment({
      AWS_ENDPOINT_URL_S3: s3.config.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
      DATABASE: serverUrl('shared'),
      MASTER: 'master shared',
      USERS_ACCOUNT: 'users shared',
      OWN_DATABASE: serverUrl('own'),
      OWN_MASTER: 'master own',
      OWN_USERS_ACCOUNT: 'users own',
      BUCKET,
    });
    jest.spyOn(console, 'log').mockImplementation();
    await address.start();
    for (const home of HOMES) await deploy(home);
    const log = pino({ level: 'silent' });
    const env = {
      [SETTING.usersDatabase]: appUrl('shared'),
      [SETTING.ownUsersDatabase]: appUrl('own'),
      [SETTING.federationBucket]: BUCKET,
    };
    host = closing(await openSchema(env, log, 'users'));
  }, 120_000);
  beforeEach(() => {
    services = { status: 'UPDATE_COMPLETE', follows: true };
  });

  const serverUrl = (home: Home) => `mysql://localhost?socketPath=${encodeURIComponent(sockets[home])}`;
  const appUrl = (home: Home) =>
    `mysql://users_app:${encodeURIComponent(`app of ${home}`)}@localhost/users?socketPath=${encodeURIComponent(sockets[home])}`;

  function stackAnswer(name: string) {
    const outputs =
      name === 'Shop-Data'
        ? { DeploymentsBucketName: BUCKET, FederationFunctionName: 'federation' }
        : services.follows
          ? { FollowsUsers: 'true' }
          : {};
    const members = Object.entries(outputs)
      .map(
        ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
      )
      .join('');
    const status = name === 'Shop-Data' ? 'UPDATE_COMPLETE' : services.status;
    return {
      body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${name}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus><Outputs>${members}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    };
  }

  /** A deploy of a cluster's migrations. */
  async function deploy(home: Home): Promise<void> {
    const before = { ...process.env };
    lambdaEnvironment({
      DATABASE: serverUrl(home),
      MASTER: `master ${home}`,
      USERS_ACCOUNT: `users ${home}`,
      USERS_READER: `reader ${home}`,
      INVENTORY_ACCOUNT: '',
      FEDERATION_BUCKET: BUCKET,
      FEDERATION_HOME: home,
    });
    await migrations(address.event('Update', { Schemas: 'fingerprint' }), {}, null);
    Object.assign(process.env, before);
    expect(address.answer()).toMatchObject({ Status: 'SUCCESS' });
  }

  async function npmRunFederate(command: FederationCommand) {
    let text = '';
    const access = await deployedFederation('Shop', 'us-east-1');
    try {
      const ok = await federate(command, access, { write: (more: string) => (text += more) });
      return { ok, text: text.replaceAll('\n', ' '), lines: text.split('\n') };
    } finally {
      access.close();
    }
  }

  const register = (id: string) =>
    host.execute(
      "INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES (?, ?, 'Sam', 'customer', '', 0)",
      [id, `${id}@example.com`],
    );
  const known = async () =>
    (await host.query<{ id: string }>('SELECT id FROM users ORDER BY id')).map(({ id }) => id);
  /** The users in a cluster, as its administrator sees them. */
  const usersIn = async (home: Home) => {
    const admin = await openAdmin(sockets[home]);
    const [rows] = await admin.query<RowDataPacket[]>('SELECT id FROM users.users ORDER BY id');
    await admin.end();
    return rows.map(({ id }) => id);
  };
  /** An account of the service, whatever the marker says. */
  const entering = async (home: Home) => {
    const connection = openConnection({ uri: appUrl(home) });
    return connection.then(
      () => 'let in',
      ({ errno }) => errno,
    );
  };
  const REFUSED = 1044;

  test('after the deploy, users are where they were, and the new cluster lets nobody in', async () => {
    await register('first');
    expect(await usersIn('shared')).toEqual(['first']);
    expect(await entering('own')).toBe(REFUSED);
    const { ok, text } = await npmRunFederate('status');
    expect(ok).toBe(true);
    expect(text).toContain('The users are on the cluster that both services share.');
  });

  test.each([
    { status: 'UPDATE_IN_PROGRESS', follows: true },
    { status: 'UPDATE_COMPLETE', follows: false },
    { status: 'UPDATE_ROLLBACK_COMPLETE', follows: true },
  ])('refuses to move them while hosts may not follow: $status, follows: $follows', async (state) => {
    services = state;
    await expect(npmRunFederate('run')).rejects.toThrow('hosts of an earlier phase would lose the users');
    expect(await mailbox.command()).toBeUndefined();
  });

  test('moves them while hosts write, compares both sides, and says what it did in 80 columns', async () => {
    const writing = (async () => {
      // A connection that ends within a commit leaves the outcome unknown: a client asks again.
      for (let n = 1; (await mailbox.status())?.state !== 'done'; n++)
        await register(`during ${n}`).catch((error: unknown) => {
          if (!(error instanceof RetryLaterError)) throw error;
        });
    })();
    const { ok, text, lines } = await npmRunFederate('run');
    await writing;
    expect(ok).toBe(true);
    expect(text).toContain('The data is now on the cluster of the user service.');
    expect(text).toMatch(/Writes were paused for \d+\.\d+ s\./);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    await register('later');
    expect(await usersIn('own')).toEqual(await known());
    expect(await usersIn('shared')).not.toContain('later');
    expect(await entering('shared')).toBe(REFUSED);
  });

  test('a deploy afterwards does not let anybody in at the cluster that was left', async () => {
    await deploy('shared');
    expect(await entering('shared')).toBe(REFUSED);
    await deploy('own');
    await register('after a deploy');
  });

  test('people become staff where they are', async () => {
    await s3Marker(s3.client, BUCKET).write({ ...FIRST, data: 'managed', closed: true }, undefined);
    await staff({ email: 'later@example.com' }, {}, null);
    expect(await host.query('SELECT id FROM users WHERE role = ?', ['staff'])).toEqual([{ id: 'later' }]);
  });

  test('goes on in the next call where a function had no more time', async () => {
    await mailbox.ask({ id: 'long', command: 'back' });
    await federation({}, contextWith(2 * MINUTE), null);
    expect((await mailbox.status())?.id).toBe('long');
    expect(await mailbox.status()).toMatchObject({ state: 'running', starts: 1 });
    expect(await usersIn('shared')).not.toContain('later');
    const { ok, text } = await npmRunFederate('back');
    expect(text).toContain('is already executing this command');
    expect(ok).toBe(true);
    expect(await usersIn('shared')).toEqual(await known());
    expect(await known()).toContain('later');
  });

  test('checks, moves again and drops what was left: then there is no way back', async () => {
    expect((await npmRunFederate('drop')).ok).toBe(false);
    expect(await known()).toContain('later');
    expect((await npmRunFederate('run')).ok).toBe(true);
    expect((await npmRunFederate('check')).ok).toBe(true);
    const { ok, text } = await npmRunFederate('drop');
    expect({ ok, text }).toMatchObject({ ok: true, text: expect.stringContaining('for good') });
    await expect(usersIn('shared')).rejects.toThrow(/Unknown database|doesn't exist/);
    expect((await npmRunFederate('back')).text).toContain('The way back is closed');
    await deploy('shared');
    await expect(usersIn('shared')).rejects.toThrow(/Unknown database|doesn't exist/);
    await register('last');
    expect(await usersIn('own')).toContain('last');
    const status = await npmRunFederate('status');
    expect(status.text).toContain('The way back is closed.');
    expect(status.lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test('says why, when the function fails', async () => {
    const { OWN_DATABASE = '' } = process.env;
    lambdaEnvironment({ OWN_DATABASE: 'mysql://localhost?socketPath=%2Fnowhere' });
    const { ok, text } = await npmRunFederate('check');
    expect(ok).toBe(false);
    expect(text).toContain('ENOENT');
    lambdaEnvironment({ OWN_DATABASE });
  });
});

import { randomBytes } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { handler, type RotationEvent } from '../../../lib/data/rotation.handler';
import { NO_CERTIFICATE_OF_RDS } from '../../support/database-server';
import { openAdmin, openConnection } from '../../support/database-users';
import { describeServers } from '../../support/engines';
import { lambdaEnvironment } from '../aws';
import { SecretsManager } from '../secrets-manager';

const user = `rotated_${randomBytes(4).toString('hex')}`;
const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

describeServers('the rotation function', ({ socketPath }) => {
  let admin: Connection;
  let secrets: SecretsManager;

  beforeAll(async () => {
    admin = await openAdmin(socketPath);
    await admin.query(`CREATE USER ${user} IDENTIFIED BY 'first'`);
    secrets = await SecretsManager.start();
    lambdaEnvironment({ DATABASE: `mysql://localhost?socketPath=${encodeURIComponent(socketPath)}` });
  });
  afterAll(() => admin.query(`DROP USER ${user}`));
  beforeEach(async () => {
    jest.spyOn(console, 'log').mockImplementation();
    await admin.query(`ALTER USER ${user} IDENTIFIED BY 'first'`);
    secrets.set('account', { username: user, password: 'first', note: 'kept' });
  });

  const step = (Step: RotationEvent['Step'], ClientRequestToken: string) =>
    handler({ Step, ClientRequestToken, SecretId: 'account' }, {}, null);

  const login = async (password: string | undefined) => {
    const connection = await openConnection({ socketPath, user, password });
    await connection.end();
  };

  test('gives the user a new password and the secret with it; the old one is refused', async () => {
    const version = secrets.startRotation('account');
    for (const each of steps) await step(each, version);
    const { username, password, note } = secrets.content('account');
    expect({ username, note }).toEqual({ username: user, note: 'kept' });
    expect(password).toMatch(/^[\w-]{40}$/);
    await login(password);
    await expect(login('first')).rejects.toMatchObject({ errno: 1045 });
  });

  test.each(steps)(
    'ends the same when it breaks off after %s and is done again from the start',
    async (last) => {
      const version = secrets.startRotation('account');
      for (const each of steps.slice(0, steps.indexOf(last) + 1)) await step(each, version);
      for (const each of steps) await step(each, version);
      await login(secrets.content('account').password);
    },
  );

  test('CDK-15: waits while its permissions are on their way', async () => {
    const version = secrets.startRotation('account');
    const calls = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];
    for (const call of calls) secrets.denyOnce(call);
    for (const each of steps) await step(each, version);
    await login(secrets.content('account').password);
  });

  test('each step twice is the same as once', async () => {
    const version = secrets.startRotation('account');
    for (const each of steps.flatMap((one) => [one, one])) await step(each, version);
    await login(secrets.content('account').password);
  });

  test('changes nothing when the database takes neither password, and says what to do', async () => {
    await admin.query(`ALTER USER ${user} IDENTIFIED BY 'lost'`);
    const version = secrets.startRotation('account');
    await step('createSecret', version);
    await expect(step('setSecret', version)).rejects.toThrow(/rejects .* Deploy again/);
    await expect(step('testSecret', version)).rejects.toThrow('rejects the pending password');
    expect(secrets.content('account').password).toBe('first');
  });

  test('does not touch a version that is not waiting', async () => {
    await expect(step('createSecret', 'unknown')).rejects.toThrow('is not staged');
  });

  test('connects to no server without TLS', async () => {
    const version = secrets.startRotation('account');
    await step('createSecret', version);
    const event = { Step: 'setSecret', ClientRequestToken: version, SecretId: 'account' } as const;
    await expect(handler(event)).rejects.toThrow(NO_CERTIFICATE_OF_RDS);
  });

  test('writes no password into its log', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    log.mockClear();
    const version = secrets.startRotation('account');
    for (const each of steps) await step(each, version);
    expect(JSON.stringify(log.mock.calls)).not.toContain(secrets.content('account').password);
    expect(log).toHaveBeenCalledTimes(4);
  });
});

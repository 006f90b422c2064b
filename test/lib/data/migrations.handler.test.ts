import { randomBytes } from 'node:crypto';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { handler } from '../../../lib/data/migrations.handler';
import { handler as rotate } from '../../../lib/data/rotation.handler';
import { NO_CERTIFICATE_OF_RDS } from '../../support/database-server';
import { openAdmin, openConnection } from '../../support/database-users';
import { describeServers } from '../../support/engines';
import { lambdaEnvironment } from '../aws';
import { ResponseServer } from '../response-server';
import { SecretsManager } from '../secrets-manager';

const master = `master_${randomBytes(4).toString('hex')}`;

describeServers('the migration function', ({ socketPath }) => {
  const address = new ResponseServer();
  let admin: Connection;
  let secrets: SecretsManager;

  beforeAll(async () => {
    admin = await openAdmin(socketPath);
    await admin.query(`CREATE USER ${master} IDENTIFIED BY 'master'`);
    await admin.query(`GRANT ALL ON *.* TO ${master} WITH GRANT OPTION`);
    secrets = await SecretsManager.start();
    secrets.set('master', { username: master, password: 'master' });
    await address.start();
    lambdaEnvironment({
      DATABASE: `mysql://localhost?socketPath=${encodeURIComponent(socketPath)}`,
      MASTER: 'master',
      USERS_ACCOUNT: 'users',
      INVENTORY_ACCOUNT: 'inventory',
    });
  });
  afterAll(async () => {
    await clean();
    await admin.query(`DROP USER ${master}`);
  });
  beforeEach(async () => {
    jest.spyOn(console, 'log').mockImplementation();
    await clean();
    secrets.down = false;
    secrets.set('users', { username: 'users_app', password: "it's \\ one" });
    secrets.set('inventory', { username: 'inventory_app', password: 'two' });
    for (const schema of ['users', 'inventory'])
      secrets.set(`${schema} reader`, { username: `${schema}_reader`, password: 'three' });
    lambdaEnvironment({ USERS_READER: '', INVENTORY_READER: '' });
  });

  async function clean(): Promise<void> {
    await admin.query('DROP DATABASE IF EXISTS users');
    await admin.query('DROP DATABASE IF EXISTS inventory');
    await admin.query('DROP USER IF EXISTS users_app, inventory_app, users_reader, inventory_reader');
  }

  async function deploy(type: 'Create' | 'Update' | 'Delete' = 'Create') {
    await handler(address.event(type, { Schemas: 'fingerprint' }), {}, null);
    return address.answer();
  }

  const login = (schema: 'users' | 'inventory', secret: string = schema) => {
    const { username, password } = secrets.content(secret);
    return openConnection({ socketPath, user: username, password, database: schema });
  };

  const withReaders = () =>
    lambdaEnvironment({ USERS_READER: 'users reader', INVENTORY_READER: 'inventory reader' });

  const migrated = async (schema: string) =>
    (await admin.query<RowDataPacket[]>(`SELECT id FROM ${schema}.migrations`))[0].length;

  test('makes both schemas, with the tables of every migration', async () => {
    expect(await deploy()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'migrations' });
    const [rows] = await admin.query<RowDataPacket[]>(
      `SELECT schema_name AS name, default_collation_name AS collation FROM information_schema.schemata
       WHERE schema_name IN ('users', 'inventory') ORDER BY 1`,
    );
    expect(rows).toEqual([
      { name: 'inventory', collation: 'utf8mb4_bin' },
      { name: 'users', collation: 'utf8mb4_bin' },
    ]);
    expect(await migrated('users')).toBeGreaterThan(3);
    expect(await migrated('inventory')).toBeGreaterThan(2);
  });

  test.each([
    ['users', 'users', 'inventory', 'products'],
    ['inventory', 'products', 'users', 'users'],
  ] as const)(
    'lets the user of %s change rows of its own tables, and nothing else',
    async (own, table, other, its) => {
      await deploy();
      const app = await login(own);
      await app.query(`SELECT * FROM ${table}`);
      await app.query(`DELETE FROM ${table}`);
      for (const statement of [
        `SELECT * FROM ${other}.${its}`,
        `DELETE FROM ${other}.${its}`,
        'CREATE TABLE mine (id INT)',
        `ALTER TABLE ${table} ADD mine INT`,
        `DROP TABLE ${table}`,
        `TRUNCATE ${table}`,
        'CREATE DATABASE mine',
        `GRANT SELECT ON ${own}.* TO ${master}`,
        'SELECT user FROM mysql.user',
      ]) {
        await expect(app.query(statement)).rejects.toThrow(/denied/);
      }
      await app.end();
    },
  );

  test.each([
    ['users', 'users', 'inventory', 'products'],
    ['inventory', 'products', 'users', 'users'],
  ] as const)(
    'lets the reader of %s read its own tables, and write nowhere',
    async (own, table, other, its) => {
      withReaders();
      await deploy();
      const reader = await login(own, `${own} reader`);
      const [columns] = await reader.query<RowDataPacket[]>(`SHOW COLUMNS FROM ${table}`);
      const column = columns[0]?.Field;
      await reader.query(`SELECT * FROM ${table}`);
      await reader.query('SELECT * FROM migrations');
      for (const statement of [
        `INSERT INTO ${table} (${column}) VALUES ('x')`,
        `UPDATE ${table} SET ${column} = 'x'`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
        `LOCK TABLES ${table} WRITE`,
        `SELECT * FROM ${table} INTO OUTFILE '/tmp/out'`,
        `CREATE TABLE mine (id INT)`,
        `CREATE TEMPORARY TABLE mine (id INT)`,
        `DROP TABLE ${table}`,
        `SELECT * FROM ${other}.${its}`,
        `GRANT INSERT ON ${own}.* TO ${own}_reader`,
        'SET GLOBAL read_only = 0',
      ]) {
        await expect(reader.query(statement)).rejects.toThrow(/denied/);
      }
      const [grants] = await reader.query<RowDataPacket[]>('SHOW GRANTS');
      expect(grants.map((row) => String(Object.values(row)[0]))).toEqual([
        expect.stringMatching(/^GRANT USAGE ON \*\.\* TO/),
        `GRANT SELECT ON \`${own}\`.* TO \`${own}_reader\`@\`%\``,
      ]);
      await reader.end();
    },
  );

  test('makes no reader where none is asked for, and makes them later without touching the others', async () => {
    await deploy();
    await expect(login('users', 'users reader')).rejects.toMatchObject({ errno: 1045 });
    withReaders();
    expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await (await login('users', 'users reader')).end();
    await (await login('inventory', 'inventory reader')).end();
    await (await login('users')).end();
  });

  test('gives a reader nothing when its secret is that of somebody else', async () => {
    withReaders();
    secrets.set('users reader', { username: 'users_app', password: 'three' });
    expect(await deploy()).toMatchObject({
      Status: 'FAILED',
      Reason: 'The secret of users is for users_app, not users_reader',
    });
  });

  test('done again, it changes nothing, and rows stay', async () => {
    await deploy();
    await admin.query("INSERT INTO users.deletions (user_id, due_at) VALUES ('kept', 1)");
    const before = await migrated('users');
    expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(await migrated('users')).toBe(before);
    const [rows] = await admin.query<RowDataPacket[]>('SELECT user_id FROM users.deletions');
    expect(rows).toEqual([{ user_id: 'kept' }]);
  });

  test('a password that was rotated in between is left as it is', async () => {
    await deploy();
    await admin.query("ALTER USER users_app IDENTIFIED BY 'rotated'");
    secrets.set('users', { username: 'users_app', password: 'rotated' });
    expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await (await login('users')).end();
  });

  const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
  type RotationStep = (typeof rotationSteps)[number];

  /** Carries a rotation from one step to another, both included. */
  async function carryOut(version: string, from: RotationStep, to: RotationStep): Promise<void> {
    for (const Step of rotationSteps.slice(rotationSteps.indexOf(from), rotationSteps.indexOf(to) + 1))
      await rotate({ Step, SecretId: 'users', ClientRequestToken: version }, {}, null);
  }

  test.each([
    ['createSecret', 'setSecret'],
    ['setSecret', 'testSecret'],
    ['testSecret', 'finishSecret'],
  ] as const)(
    'a deploy between %s and %s of a rotation does not undo it: its end leaves the service its way in',
    async (last, next) => {
      await deploy();
      const version = secrets.startRotation('users');
      await carryOut(version, 'createSecret', last);
      expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
      await carryOut(version, next, 'finishSecret');
      expect(secrets.content('users').password).toMatch(/^[\w-]{40}$/);
      await (await login('users')).end();
    },
  );

  test('a user whose password is lost gets the one of the secret', async () => {
    await deploy();
    await admin.query("ALTER USER users_app IDENTIFIED BY 'nobody knows'");
    expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await (await login('users')).end();
  });

  test('CDK-15: waits while the permission to read a secret is on its way', async () => {
    secrets.denyOnce('GetSecretValue');
    expect(await deploy()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('a password that was lost while a rotation waits is repaired, and the rotation goes on', async () => {
    await deploy();
    const version = secrets.startRotation('users');
    await carryOut(version, 'createSecret', 'createSecret');
    await admin.query("ALTER USER users_app IDENTIFIED BY 'nobody knows'");
    await expect(carryOut(version, 'setSecret', 'setSecret')).rejects.toThrow('Deploy again');
    expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await (await login('users')).end();
    await carryOut(version, 'setSecret', 'finishSecret');
    await (await login('users')).end();
  });

  test('fails with the cause, and without a password', async () => {
    secrets.set('inventory', { username: 'root', password: 'hunter2' });
    const answer = await deploy();
    expect(answer).toMatchObject({
      Status: 'FAILED',
      Reason: 'The secret of inventory is for root, not inventory_app',
    });
    secrets.down = true;
    expect(await deploy()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('for a test') });
  });

  test('being deleted takes nothing away', async () => {
    await deploy();
    secrets.down = true;
    expect(await deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(await migrated('users')).toBeGreaterThan(0);
  });

  test('connects to no server without TLS', async () => {
    await handler(address.event('Create', {}));
    const Reason = expect.stringMatching(NO_CERTIFICATE_OF_RDS);
    expect(address.answer()).toMatchObject({ Status: 'FAILED', Reason });
  });
});

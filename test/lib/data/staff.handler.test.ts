import { randomBytes } from 'node:crypto';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { openMailbox } from '../../../lambda/data-migration/control/mailbox';
import { s3Marker } from '../../../lambda/data-migration/placement/marker-s3';
import { FIRST } from '../../../lambda/data-migration/placement/placement';
import { handler } from '../../../lib/data/migrations.handler';
import { type StaffEvent, handler as staff } from '../../../lib/data/staff.handler';
import { closeWayBack } from '../../../lib/guard/way-back';
import { type ConditionalS3, startConditionalS3 } from '../../lambda/data-migration/conditional-s3';
import { openAdmin } from '../../support/database-users';
import { mariaDb } from '../../support/engines';
import { hasMariaDb } from '../../support/mariadb';
import { lambdaEnvironment } from '../aws';
import { ResponseServer } from '../response-server';
import { SecretsManager } from '../secrets-manager';

const address = new ResponseServer();

/** A server of its own: the migration function makes the schemas and accounts by their real names. */
(hasMariaDb() ? describe : describe.skip)('the staff function, on MariaDB', () => {
  let admin: Connection;
  let secrets: SecretsManager;
  let s3: ConditionalS3;
  let bucket: string;

  beforeAll(async () => {
    const { socket } = mariaDb().launch();
    admin = await openAdmin(socket);
    await admin.query("CREATE USER admin IDENTIFIED BY 'master'");
    await admin.query('GRANT ALL ON *.* TO admin WITH GRANT OPTION');
    secrets = await SecretsManager.start();
    secrets.set('master', { username: 'admin', password: 'master' });
    secrets.set('users', { username: 'users_app', password: 'one' });
    secrets.set('inventory', { username: 'inventory_app', password: 'two' });
    s3 = await startConditionalS3();
    lambdaEnvironment({
      AWS_ENDPOINT_URL_S3: s3.config.endpoint,
      DATABASE: `mysql://localhost?socketPath=${encodeURIComponent(socket)}`,
      MASTER: 'master',
      USERS_ACCOUNT: 'users',
      INVENTORY_ACCOUNT: 'inventory',
      USERS_READER: '',
      INVENTORY_READER: '',
    });
    jest.spyOn(console, 'log').mockImplementation();
    await address.start();
    await handler(address.event('Create', {}), {}, null);
    expect(address.answer()).toMatchObject({ Status: 'SUCCESS' });
    await admin.query(
      "INSERT INTO users.users (id, email, name, role, password_hash, created_at) VALUES ('1', 'sam@example.com', 'Sam', 'customer', '', 0)",
    );
  }, 60_000);
  beforeEach(async () => {
    bucket = `deployments-${randomBytes(4).toString('hex')}`;
    await s3.createBucket(bucket);
    lambdaEnvironment({ BUCKET: bucket });
    await admin.query("UPDATE users.users SET role = 'customer'");
  });

  const marker = () => s3Marker(s3.client, bucket);
  const invoke = (event: unknown) => staff(event as StaffEvent, {}, null);
  const role = async () => (await admin.query<RowDataPacket[]>('SELECT role FROM users.users'))[0][0]?.role;

  test('makes a registered person staff, once the data is in the managed database', async () => {
    await marker().write({ ...FIRST, data: 'managed' }, undefined);
    await expect(invoke({ email: ' Sam@Example.com' })).resolves.toMatchObject({
      message: expect.stringContaining('is staff now'),
    });
    expect(await role()).toBe('staff');
  });

  test('reads the password again that a rotation changed', async () => {
    await marker().write({ ...FIRST, data: 'managed' }, undefined);
    await admin.query("ALTER USER users_app IDENTIFIED BY 'rotated'");
    secrets.set('users', { username: 'users_app', password: 'rotated' });
    await invoke({ email: 'sam@example.com' });
    expect(await role()).toBe('staff');
  });

  test('changes nothing while the data is on the box, and says what to do there', async () => {
    await expect(invoke({ email: 'sam@example.com' })).rejects.toThrow(
      "The shop's data is on the box. There, as root: /opt/shop/host/run.sh app staff.js <e-mail>",
    );
    expect(await role()).toBe('customer');
  });

  test('changes nothing while the data is being moved, and waits for no move once there is no way back', async () => {
    await marker().write({ ...FIRST, data: 'managed' }, undefined);
    await openMailbox(s3.client, bucket).ask({ id: '1', command: 'back' });
    await expect(invoke({ email: 'sam@example.com' })).rejects.toThrow('being moved');
    expect(await role()).toBe('customer');
    await closeWayBack(marker());
    await invoke({ email: 'sam@example.com' });
    expect(await role()).toBe('staff');
  });

  test.each([[{}], [{ email: '' }], [{ email: ['sam@example.com'] }], ['sam@example.com']])(
    'says what it expects when it is given %j',
    async (event) => {
      await expect(invoke(event)).rejects.toThrow(
        `Expected {"email": "<e-mail of a registered person>"}, not ${JSON.stringify(event)}`,
      );
    },
  );

  test('fails with an unknown e-mail', async () => {
    await marker().write({ ...FIRST, data: 'managed' }, undefined);
    await expect(invoke({ email: 'nobody@example.com' })).rejects.toThrow(
      'register with it in the shop first',
    );
  });

  test('talks to no database without TLS', async () => {
    await marker().write({ ...FIRST, data: 'managed' }, undefined);
    await expect(staff({ email: 'sam@example.com' })).rejects.toThrow('secure');
  });
});

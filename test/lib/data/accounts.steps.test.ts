import { randomBytes } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { changePassword, knows, provide } from '../../../lib/data/accounts.steps';
import { openAdmin } from '../../support/database-users';
import { hasMariaDb } from '../../support/mariadb';

const socketPath = process.env.TEST_MARIADB_SOCKET ?? '';
const server = { url: `mysql://localhost?socketPath=${encodeURIComponent(socketPath)}`, tls: null };
const master = { user: 'root', password: '' };

(hasMariaDb() ? describe : describe.skip)('a database user whose secret is being rotated, on MariaDB', () => {
  const id = randomBytes(4).toString('hex');
  const user = { name: `app_${id}`, grants: 'SELECT' };
  const schema = { name: `schema_${id}` as 'users', account: user.name, migrations: [] };
  const login = (password: string) => ({ user: user.name, password });
  let admin: Connection;

  beforeAll(async () => {
    admin = await openAdmin(socketPath);
  });
  beforeEach(() => provide(server, master, schema, { user, secret: resting('old'), letIn: true }));
  afterEach(() => admin.query(`DROP USER IF EXISTS ${user.name}`));
  afterAll(() => admin.query(`DROP DATABASE IF EXISTS ${schema.name}`));

  const resting = (password: string) => ({
    current: async () => login(password),
    pending: async () => undefined,
  });

  /** A secret of which a rotation begins with the first reading, and is over from another reading on. */
  function rotatingWhileRead(overFrom: number) {
    let readings = 0;
    return {
      current: async () => {
        readings++;
        if (readings > 1) return login(readings >= overFrom ? 'new' : 'old');
        await changePassword(server, login('old'), 'new');
        return login('old');
      },
      pending: async () => {
        readings++;
        return readings >= overFrom ? undefined : login('new');
      },
    };
  }

  test.each([
    ['before the secret is read again', 2],
    ['while the secret is read again', 3],
    ['after the deploy', Number.POSITIVE_INFINITY],
  ])(
    'keeps the next password when a rotation began after the secret was read, and ends %s',
    async (_, overFrom) => {
      await provide(server, master, schema, { user, secret: rotatingWhileRead(overFrom), letIn: true });
      await expect(knows(server, login('new'))).resolves.toBe(true);
    },
  );

  test('gets the current password of the secret when the server takes none of them', async () => {
    await admin.query(`ALTER USER ${user.name} IDENTIFIED BY 'lost'`);
    const secret = { ...resting('old'), pending: async () => login('new') };
    await provide(server, master, schema, { user, secret, letIn: true });
    await expect(knows(server, login('old'))).resolves.toBe(true);
  });
});

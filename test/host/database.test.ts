import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { cleanup } from '../support/cleanup';
import { openConnection } from '../support/database-users';
import { eventually } from '../support/until';
import { Box, describeWith, HOST } from './support';

type Account = 'users_app' | 'users_owner' | 'inventory_app' | 'inventory_owner';

describeWith(
  'mariadbd',
  'mariadb-install-db',
  'mariadb',
)('the database of the box', () => {
  const box = new Box();
  cleanup(() => box.remove());
  const user = { DATABASE_OS_USER: userInfo().username };

  beforeAll(async () => {
    for (const folder of ['data', 'run/mariadb', 'var/log/mariadb'])
      mkdirSync(box.path(folder), { recursive: true });
    expect(await box.run('database.sh', ['prepare'], user)).toEqual({ code: 0, output: '' });
    await start(box);
    expect(await box.run('database.sh', ['accounts'], user)).toEqual({ code: 0, output: '' });
  }, 60_000);

  it('takes the configuration that the box gets: unix socket only, utf8mb4, durable, no binary log', async () => {
    const connection = await connect(box, 'users_app');
    const [[row]] = await connection.query<RowDataPacket[]>(
      `SELECT @@skip_networking AS closed, @@character_set_server AS charset, @@collation_database AS collation,
         @@innodb_flush_log_at_trx_commit AS flush, @@log_bin AS binlog, @@slow_query_log AS slow`,
    );
    expect(row).toEqual({
      closed: 1,
      charset: 'utf8mb4',
      collation: 'utf8mb4_bin',
      flush: 1,
      binlog: 0,
      slow: 1,
    });
    await connection.end();
  });

  it('has the four accounts and those of the operating system, and none without a password', async () => {
    const root = await openConnection({ socketPath: socket(box), user: user.DATABASE_OS_USER });
    const [rows] = await root.query<RowDataPacket[]>(
      "SELECT user AS account, authentication_string AS secret FROM mysql.user WHERE user NOT IN ('mariadb.sys', ?) ORDER BY user",
      [user.DATABASE_OS_USER],
    );
    await root.end();
    const accounts = rows.filter((row) => row.account !== 'root');
    expect(accounts.map(({ account }) => account)).toEqual([
      'inventory_app',
      'inventory_owner',
      'users_app',
      'users_owner',
    ]);
    for (const { secret } of accounts) expect(secret).toMatch(/^\*[0-9A-F]{40}$/);
  });

  it.each([
    ['users', 'inventory'],
    ['inventory', 'users'],
  ] as const)(
    'lets %s change its rows and not its tables, and shows it nothing of %s',
    async (own, other) => {
      const owner = await connect(box, `${own}_owner`);
      await owner.query('CREATE TABLE IF NOT EXISTS things (id INT PRIMARY KEY, name VARCHAR(20))');
      const app = await connect(box, `${own}_app`);
      await app.query("REPLACE INTO things VALUES (1, 'one')");
      await app.query('DELETE FROM things WHERE id = 1');

      for (const connection of [app, owner]) {
        await expect(connection.query(`SELECT * FROM ${other}.things`)).rejects.toThrow(
          /denied|not allowed to create a user/,
        );
        await expect(connection.query(`CREATE TABLE ${other}.mine (id INT)`)).rejects.toThrow(
          /denied|not allowed to create a user/,
        );
        await expect(connection.query(`GRANT SELECT ON ${own}.* TO public`)).rejects.toThrow(
          /denied|not allowed to create a user/,
        );
        await expect(connection.query("SELECT '' INTO OUTFILE '/tmp/never'")).rejects.toThrow(/denied/);
      }
      for (const statement of [
        'CREATE TABLE mine (id INT)',
        'ALTER TABLE things ADD x INT',
        'DROP TABLE things',
      ]) {
        await expect(app.query(statement)).rejects.toThrow(/denied|not allowed to create a user/);
      }
      await Promise.all([app.end(), owner.end()]);
    },
  );

  it('gives new passwords and exactly these grants at the next boot, and keeps the data', async () => {
    const owner = await connect(box, 'users_owner');
    await owner.query('CREATE TABLE kept (id INT)');
    await owner.query('INSERT INTO kept VALUES (42)');
    await owner.end();
    const root = await openConnection({ socketPath: socket(box), user: user.DATABASE_OS_USER });
    await root.query('GRANT ALL ON inventory.* TO users_app@localhost');
    await root.end();
    const before = url(box, 'users_app');

    expect(await box.run('database.sh', ['prepare'], user)).toEqual({ code: 0, output: '' });
    expect(await box.run('database.sh', ['accounts'], user)).toEqual({ code: 0, output: '' });

    await expect(createConnection(before)).rejects.toMatchObject({ errno: 1045 });
    const app = await connect(box, 'users_app');
    const [[row]] = await app.query<RowDataPacket[]>('SELECT id FROM kept');
    expect(row).toEqual({ id: 42 });
    await expect(app.query('CREATE TABLE inventory.mine (id INT)')).rejects.toMatchObject({ errno: 1142 });
    await app.end();
  });

  it('writes the settings for root alone, and names what the application reads', () => {
    for (const file of ['shop.env', 'migrate.env']) {
      expect(statSync(box.path('run/shop', file)).mode & 0o777).toBe(0o600);
    }
    const names = box
      .read('run/shop/shop.env')
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names).toEqual([
      'USERS_DATABASE',
      'INVENTORY_DATABASE',
      'NODE_ENV',
      'HOST',
      'PORT',
      'HOST_ROLE',
      'DATA_DIR',
      'MEDIA',
      'NODE_OPTIONS',
      '',
    ]);
  });
});

async function start(box: Box): Promise<void> {
  const conf = readFileSync(join(HOST, 'mariadb/my.cnf'), 'utf8')
    .replaceAll(/= (\/(?:data|run|var)\/)/g, `= ${box.root}$1`)
    .replace('@BUFFER_POOL_MIB@', '64');
  const file = box.write('etc/my.cnf', conf);
  const root = process.getuid?.() === 0 ? ['--user=root'] : [];
  const server = spawn('/usr/sbin/mariadbd', [`--defaults-file=${file}`, ...root], { stdio: 'ignore' });
  cleanup(async () => {
    if (server.kill()) await once(server, 'exit');
  });
  await eventually(async () => {
    const probe = await createConnection({ socketPath: socket(box), user: userInfo().username });
    await probe.end();
  });
}

const socket = (box: Box) => box.path('run/mariadb/mariadb.sock');

/** The URL that the application or the migration reads. */
function url(box: Box, account: Account): string {
  const file = account.endsWith('_app') ? 'run/shop/shop.env' : 'run/shop/migrate.env';
  const found = box.read(file).match(new RegExp(`^\\w+_DATABASE=(mysql://${account}:.*)$`, 'm'))?.[1];
  if (!found) throw new Error(`${file} has no URL for ${account}`);
  return found;
}

const connect = (box: Box, account: Account) => openConnection({ uri: url(box, account) });

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { openMysql } from '../../../lambda/shared/mysql';
import { openSecretMysql, withCredentials } from '../../../lambda/shared/secret-sql';
import type { Credentials } from '../../../lambda/shared/secrets';
import { openSql, type Sql } from '../../../lambda/shared/sql';
import { SecretsManager } from '../../lib/secrets-manager';
import { answering, hasMariaDb } from '../../support/mariadb';

const socketPath = process.env.TEST_MARIADB_SOCKET ?? '';
const name = `secret_${randomBytes(4).toString('hex')}`;
const url = `mysql://localhost/${name}?socketPath=${encodeURIComponent(socketPath)}`;

(hasMariaDb() ? describe : describe.skip)('a schema whose password is a secret, on MariaDB', () => {
  let admin: Connection;
  let sql: Sql;
  let reads = 0;
  let secret: Credentials;

  beforeAll(async () => {
    await answering(socketPath);
    admin = await createConnection({ socketPath, user: 'root' });
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`CREATE TABLE ${name}.things (id INT PRIMARY KEY, n INT)`);
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${name}`);
    await admin.query(`DROP USER IF EXISTS ${name}`);
    await admin.end();
  });
  beforeEach(async () => {
    await admin.query(`DROP USER IF EXISTS ${name}`);
    await admin.query(`CREATE USER ${name} IDENTIFIED BY 'first'`);
    await admin.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.* TO ${name}`);
    await admin.query(`TRUNCATE ${name}.things`);
    reads = 0;
    secret = { user: name, password: 'first', version: '1' };
    const read = async () => {
      reads++;
      return secret;
    };
    sql = openSecretMysql(url, { read, tls: null });
  });
  afterEach(() => sql.close());

  /** What a rotation does: the server first, the secret after it. */
  async function rotate(password: string, lateMs = 0): Promise<void> {
    await admin.query(`ALTER USER ${name} IDENTIFIED BY '${password}'`);
    if (lateMs > 0) await sleep(lateMs);
    secret = { ...secret, password, version: password };
  }

  /** Ends every connection of the pools, as a failover or an idle timeout does. */
  async function disconnect(): Promise<void> {
    const [rows] = await admin.query(`SELECT id FROM information_schema.processlist WHERE user = '${name}'`);
    for (const { id } of rows as { id: number }[]) await admin.query(`KILL ${id}`);
    await sleep(100);
  }

  const insert = (id: number) => sql.execute('INSERT INTO things (id, n) VALUES (?, ?)', [id, id]);
  const count = async () => (await sql.query<{ n: number }>('SELECT COUNT(*) AS n FROM things'))[0]?.n;

  test('reads the secret once for all its connections', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, id) => insert(id)));
    expect([await count(), reads]).toEqual([30, 1]);
  });

  test('a new password is noticed when the server refuses the old one, and nothing is lost or done twice', async () => {
    await insert(0);
    await rotate('second');
    await disconnect();
    await Promise.all(Array.from({ length: 40 }, (_, id) => insert(id + 1)));
    expect([await count(), reads]).toEqual([41, 2]);
  });

  test('every change is followed, each with one reading', async () => {
    for (const [index, password] of ['second', 'third', 'fourth'].entries()) {
      await rotate(password);
      await disconnect();
      await Promise.all([
        insert(10 * index),
        insert(10 * index + 1),
        sql.transaction(async (tx) => tx.query('SELECT 1')),
      ]);
      // The first password was never used: the secret is read at the first statement.
      expect(reads).toBe(index + 1);
    }
  });

  test('a transaction that is under way ends on the connection that it has', async () => {
    await sql.transaction(async (tx) => {
      await tx.execute('INSERT INTO things (id, n) VALUES (1, 1)');
      await rotate('second');
      // Others find out meanwhile, and replace the pool.
      await Promise.all(Array.from({ length: 20 }, (_, id) => insert(id + 10)));
      await tx.execute('INSERT INTO things (id, n) VALUES (2, 2)');
    });
    expect([await count(), reads]).toEqual([22, 2]);
  });

  test('waits out the moment in which the server has the new password and the secret the old one', async () => {
    await insert(0);
    const rotated = rotate('second', 600);
    await sleep(100);
    await disconnect();
    await insert(1);
    await rotated;
    expect(await count()).toBe(2);
  });

  test('says what the server said when the secret is wrong for good, and asks again the next time', async () => {
    const patient = withCredentials(
      async () => ({ ...secret, password: 'wrong' }),
      ({ user, password }) => openMysql(url.replace('//', `//${user}:${password}@`)),
      300,
    );
    for (let time = 0; time < 2; time++)
      await expect(patient.query('SELECT 1')).rejects.toMatchObject({ errno: 1045 });
    await patient.close();
  });

  test('insists on TLS and on the server being the one', async () => {
    const strict = openSecretMysql(url, { read: async () => secret });
    await expect(strict.query('SELECT 1')).rejects.toThrow(/secure connection/);
    await strict.close();
  });

  test('a URL that names a secret is opened with what Secrets Manager holds', async () => {
    const manager = await SecretsManager.start();
    manager.set('arn:aws:secretsmanager:eu-west-1:1:secret:users-AbCdEf', {
      username: name,
      password: 'first',
    });
    const opened = await openSql(`${url}&secret=arn:aws:secretsmanager:eu-west-1:1:secret:users-AbCdEf`);
    // The read worked, and then the test's server has no TLS to offer.
    await expect(opened.query('SELECT 1')).rejects.toThrow(/secure connection/);
    expect(manager.calls).toEqual(['GetSecretValue']);
    await opened.close();
    await manager.stop();
  });
});

test('a secret that cannot be read now is asked for again with the next statement', async () => {
  let asked = 0;
  const sql = withCredentials(
    async () => {
      asked++;
      throw new Error('Secrets Manager does not answer');
    },
    () => {
      throw new Error('unreachable: there are no credentials');
    },
  );
  for (let time = 0; time < 2; time++) await expect(sql.query('SELECT 1')).rejects.toThrow('does not answer');
  expect(asked).toBe(2);
  await sql.close();
});

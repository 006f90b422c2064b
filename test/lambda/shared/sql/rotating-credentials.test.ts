import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { openMysql } from '../../../../lambda/shared/sql/mysql';
import { openSql } from '../../../../lambda/shared/sql/open';
import { openSecretMysql, withCredentials } from '../../../../lambda/shared/sql/rotating-credentials';
import type { Credentials } from '../../../../lambda/shared/sql/secrets';
import { DatabaseUnavailableError, type Sql } from '../../../../lambda/shared/sql/sql';
import { SecretsManager } from '../../../lib/secrets-manager';
import { again } from '../../../support/again';
import { closing } from '../../../support/cleanup';
import { NO_CERTIFICATE_OF_RDS } from '../../../support/database-server';
import { openAdmin } from '../../../support/database-users';
import { describeServers } from '../../../support/engines';
import { until } from '../../../support/until';

const name = `secret_${randomBytes(4).toString('hex')}`;

describeServers('a schema whose password is a secret', ({ socketPath }) => {
  const url = `mysql://localhost/${name}?socketPath=${encodeURIComponent(socketPath)}`;
  let admin: Connection;
  let sql: Sql;
  let reads = 0;
  let secret: Credentials;

  beforeAll(async () => {
    admin = await openAdmin(socketPath);
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`CREATE TABLE ${name}.things (id INT PRIMARY KEY, n INT)`);
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${name}`);
    await admin.query(`DROP USER IF EXISTS ${name}`);
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
    sql = closing(openSecretMysql(url, { read, tls: null }));
  });
  afterEach(() => sql.close());

  /** Rotates the password: first on the server, then in the secret. */
  async function rotate(password: string): Promise<void> {
    await rotateOnServer(password);
    rotateSecret(password);
  }
  const rotateOnServer = (password: string) => admin.query(`ALTER USER ${name} IDENTIFIED BY '${password}'`);
  const rotateSecret = (password: string) => {
    secret = { ...secret, password, version: password };
  };

  /** Ends every connection of the pools, as a failover or an idle timeout does. */
  async function disconnect(): Promise<void> {
    for (const { id } of await connections()) await admin.query(`KILL ${id}`);
    await until(async () => (await connections()).length === 0);
    // The pools have been told, and listen now.
    await turn();
  }
  const connections = async () => {
    const [rows] = await admin.query(`SELECT id FROM information_schema.processlist WHERE user = '${name}'`);
    return rows as { id: number }[];
  };

  /** A busy machine may take longer to connect than the limit, and nothing was done then. */
  const insert = (id: number) =>
    again(() => sql.execute('INSERT INTO things (id, n) VALUES (?, ?)', [id, id]), DatabaseUnavailableError);
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
    await rotateOnServer('second');
    await disconnect();
    const inserted = insert(1);
    // Of these the first was before the change, and the second after the refusal.
    await until(() => reads > 2);
    rotateSecret('second');
    await inserted;
    expect(await count()).toBe(2);
  });

  test('says what the server said when the secret is wrong for good, and asks again the next time', async () => {
    const patient = closing(
      withCredentials(
        async () => ({ ...secret, password: 'wrong' }),
        ({ user, password }) => openMysql(url.replace('//', `//${user}:${password}@`)),
        300,
      ),
    );
    for (let time = 0; time < 2; time++)
      await expect(patient.query('SELECT 1')).rejects.toMatchObject({ errno: 1045 });
  });

  test('insists on TLS and on the server being the one', async () => {
    const strict = closing(openSecretMysql(url, { read: async () => secret }));
    await expect(strict.query('SELECT 1')).rejects.toThrow(NO_CERTIFICATE_OF_RDS);
  });

  test('a URL that names a secret is opened with what Secrets Manager holds', async () => {
    const manager = await SecretsManager.start();
    manager.set('arn:aws:secretsmanager:eu-west-1:1:secret:users-AbCdEf', {
      username: name,
      password: 'first',
    });
    const secretUrl = `${url}&secret=arn:aws:secretsmanager:eu-west-1:1:secret:users-AbCdEf`;
    const opened = closing(await openSql(secretUrl));
    // The read worked, and then the test's server is not one of RDS.
    await expect(opened.query('SELECT 1')).rejects.toThrow(NO_CERTIFICATE_OF_RDS);
    expect(manager.calls).toEqual(['GetSecretValue']);
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

test('a pool with the old password is closed once the work that is under way on it has ended', async () => {
  let current = '1';
  const closed: string[] = [];
  let end: () => void = () => undefined;
  const underWay = new Promise<void>((resolve) => {
    end = resolve;
  });
  const open = ({ version }: Credentials) =>
    ({
      query: async (statement: string) => {
        if (statement === 'long') await underWay;
        else if (version !== current) throw Object.assign(new Error('Access denied'), { errno: 1045 });
        return [];
      },
      close: async () => void closed.push(version),
    }) as unknown as Sql;
  const sql = withCredentials(async () => ({ user: name, password: current, version: current }), open);
  const long = sql.query('long');
  await sql.query('short');
  current = '2';
  await sql.query('short');
  expect(closed).toEqual([]);
  end();
  await long;
  expect(closed).toEqual(['1']);
  await sql.query('short');
  await sql.close();
  expect(closed).toEqual(['1', '2']);
});

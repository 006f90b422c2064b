import { rmSync } from 'node:fs';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import {
  ERROR_NUMBERS,
  isLost,
  isReadOnly,
  isRolledBack,
  isUnsent,
} from '../../../../lambda/shared/sql/mysql-errors';
import { answering, type DatabaseServer } from '../../../support/database-server';
import { openConnection } from '../../../support/database-users';
import { describeServers } from '../../../support/engines';
import { type FreezableProxy, startFreezableProxy } from '../../../support/freezable-proxy';
import { until } from '../../../support/until';

interface Scene {
  readonly server: DatabaseServer;
  /** May do everything. */
  readonly admin: Connection;
  /** May change the rows 1 and 2 of `things`. */
  readonly client: Connection;
  /** Another client; over TCP when a port is given. */
  connect(port?: number): Promise<Connection>;
  /** An administrator of a server whose storage only reads. */
  reader(): Promise<Connection>;
  readonly line: FreezableProxy;
}

type Meaning = 'lost' | 'lost before it was sent' | 'read-only' | 'rolled back';

interface Fault {
  /** Of the server, or of the driver or the system. */
  readonly error: number | string;
  readonly meaning: Meaning;
  readonly when: string;
  /** Rejects with the error. */
  readonly provoke: (scene: Scene) => Promise<unknown>;
  /** The engine that answers so; default both. */
  readonly only?: 'MariaDB' | 'MySQL';
}

const SLOW_CHANGE = 'UPDATE things SET n = n + SLEEP(30)';
const CHANGE_1 = 'UPDATE things SET n = n + 1 WHERE id = 1';
const CHANGE_2 = 'UPDATE things SET n = n + 1 WHERE id = 2';

const FAULTS: readonly Fault[] = [
  {
    ...{ error: 1040, meaning: 'lost', when: 'too many are connected' },
    provoke: ({ admin, connect }) =>
      withSetting(admin, 'max_connections', 10, async () => {
        for (let n = 0; n < 10; n++) await connect();
      }),
  },
  {
    ...{ error: 1053, meaning: 'lost', when: 'it shuts down under a change', only: 'MySQL' },
    provoke: async ({ admin, client, server }) => {
      const { change } = await begin(admin, client);
      await admin.query('SHUTDOWN');
      await change.finally(async () => {
        await server.kill();
        await server.restart();
      });
    },
  },
  {
    ...{ error: 1317, meaning: 'lost', when: 'a change is killed' },
    provoke: async ({ admin, client }) => {
      const { change } = await begin(admin, client);
      await admin.query(`KILL QUERY ${client.threadId}`);
      await change;
    },
  },
  {
    ...{ error: 'PROTOCOL_CONNECTION_LOST', meaning: 'lost', when: 'a connection is killed under a change' },
    provoke: async ({ admin, client }) => {
      const { change } = await begin(admin, client);
      await admin.query(`KILL ${client.threadId}`);
      await change;
    },
  },
  {
    ...{ error: 'closed', meaning: 'lost before it was sent', when: 'a connection is killed that waits' },
    provoke: async ({ admin, client }) => {
      const closed = new Promise((resolve) => client.on('error', resolve));
      await admin.query(`KILL ${client.threadId}`);
      await closed;
      await client.query(CHANGE_1);
    },
  },
  {
    ...{ error: 3032, meaning: 'lost', when: 'it is offline', only: 'MySQL' },
    provoke: ({ admin, connect }) => withSetting(admin, 'offline_mode', 1, () => connect()),
  },
  {
    ...{ error: 4031, meaning: 'lost', when: 'a connection has been idle for too long', only: 'MySQL' },
    provoke: async ({ admin, connect, line }) => {
      const idle = await connect(line.port);
      await idle.query('SET wait_timeout = 1');
      // The server's last word is on its way when the next statement is sent.
      const { stream } = (idle as unknown as { connection: { stream: NodeJS.ReadableStream } }).connection;
      stream.pause();
      await until(async () => !(await processes(admin)).some(({ id }) => id === idle.threadId));
      const change = idle.query(CHANGE_1);
      stream.resume();
      await change;
    },
  },
  {
    ...{ error: 'ECONNREFUSED', meaning: 'lost', when: 'nobody listens' },
    provoke: async ({ server }) => {
      await server.kill();
      await openConnection({ socketPath: server.socket }).finally(() => server.restart());
    },
  },
  {
    ...{ error: 'ENOENT', meaning: 'lost', when: 'its socket is not there yet' },
    provoke: async ({ server }) => {
      await server.kill();
      rmSync(server.socket);
      await openConnection({ socketPath: server.socket }).finally(() => server.restart());
    },
  },
  {
    ...{ error: 1792, meaning: 'read-only', when: 'a transaction may only read' },
    provoke: async ({ client }) => {
      await client.query('START TRANSACTION READ ONLY');
      await client.query(CHANGE_1);
    },
  },
  {
    ...{ error: 1290, meaning: 'read-only', when: 'it takes no writes' },
    provoke: ({ admin, client }) => withSetting(admin, 'read_only', 1, () => client.query(CHANGE_1)),
  },
  {
    ...{ error: 1015, meaning: 'read-only', when: 'its storage takes no rows', only: 'MySQL' },
    provoke: async ({ reader }) => (await reader()).query('DELETE FROM mysql.func'),
  },
  {
    ...{ error: 1836, meaning: 'read-only', when: 'its storage takes no tables', only: 'MySQL' },
    provoke: async ({ reader }) => (await reader()).query('CREATE TABLE mysql.things (id INT)'),
  },
  {
    ...{ error: 3501, meaning: 'read-only', when: 'its storage takes no accounts', only: 'MySQL' },
    provoke: async ({ reader }) => (await reader()).query('CREATE USER somebody'),
  },
  {
    ...{ error: 1205, meaning: 'rolled back', when: 'a lock is not free in time' },
    provoke: async ({ admin, client }) => {
      await admin.query('START TRANSACTION');
      await admin.query(CHANGE_1);
      await client.query('SET innodb_lock_wait_timeout = 1');
      await client.query(CHANGE_1);
    },
  },
  {
    ...{ error: 1213, meaning: 'rolled back', when: 'two wait for each other' },
    provoke: async ({ admin, client }) => {
      for (const one of [admin, client]) await one.query('START TRANSACTION');
      await Promise.all([admin.query(CHANGE_1), client.query(CHANGE_2)]);
      await Promise.all([admin.query(CHANGE_2), client.query(CHANGE_1)]);
    },
  },
  {
    ...{ error: 1020, meaning: 'rolled back', when: 'a row has changed since it was read', only: 'MariaDB' },
    provoke: async ({ admin, client }) => {
      await client.query('SET innodb_snapshot_isolation = ON');
      await client.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
      await admin.query(CHANGE_1);
      await client.query(CHANGE_1);
    },
  },
];

/**
 * Numbers that no server could be brought to answer with: what the two ends of a connection note when it breaks
 * (RDS Proxy and older servers pass them on), and MariaDB's killed connection, which breaks before the number comes.
 */
const NEVER_SEEN = [1152, 1158, 1159, 1160, 1161, 1927];

test('every number that means something is provoked below, or named as never seen', () => {
  const provoked = FAULTS.map(({ error }) => error).filter((error) => typeof error === 'number');
  expect([...ERROR_NUMBERS].sort()).toEqual([...provoked, ...NEVER_SEEN].sort());
});

const answered = (errno: number, message = 'as the server words it') =>
  Object.assign(new Error(message), { errno });

test.each(ERROR_NUMBERS)('%i means one thing', (number) => {
  expect(meaningsOf(answered(number, 'running with the --read-only option'))).toHaveLength(1);
});

test.each([
  [
    1290,
    'The MySQL server is running with the --secure-file-priv option so it cannot execute this statement',
  ],
  [
    1290,
    'The MySQL server is running with the --skip-grant-tables option so it cannot execute this statement',
  ],
  [1015, "Can't lock file (errno: 11 - Resource temporarily unavailable)"],
  [3501, 'The ACL operation failed due to the following error from SE: errcode 146 - '],
])(
  '%i for another reason than being read-only means nothing, and is no reason to ask again',
  (number, message) => {
    expect(meaningsOf(answered(number, message))).toEqual([]);
  },
);

describeServers('an error', (engine) => {
  let server: DatabaseServer;
  let readOnlyServer: DatabaseServer | undefined;
  let line: FreezableProxy;
  let connections: Connection[] = [];

  beforeAll(async () => {
    server = engine.launch();
    await answering(server.socket);
    line = await startFreezableProxy(server.socket);
    const admin = await connectTo({ socketPath: server.socket, user: 'root' });
    await admin.query('CREATE DATABASE shop');
    await admin.query('CREATE USER client@localhost');
    await admin.query('GRANT SELECT, UPDATE ON shop.* TO client@localhost');
    await admin.query('CREATE TABLE shop.things (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB');
    await admin.query('INSERT INTO shop.things VALUES (1, 0), (2, 0)');
  });
  afterEach(() => {
    for (const connection of connections) connection.destroy();
    connections = [];
  });

  const connectTo = async (to: ConnectionOptions): Promise<Connection> => {
    const connection = await openConnection(to);
    connections.push(connection);
    return connection;
  };
  const connect = (port?: number) =>
    connectTo({
      ...(port ? { host: '127.0.0.1', port } : { socketPath: server.socket }),
      ...{ user: 'client', database: 'shop' },
    });
  const reader = async () => {
    readOnlyServer ??= engine.launch('--innodb-read-only');
    await answering(readOnlyServer.socket);
    return connectTo({ socketPath: readOnlyServer.socket, user: 'root' });
  };

  const here = FAULTS.filter(({ only = engine.name }) => only === engine.name);
  test.each(here)('$error means $meaning: $when', async ({ error, meaning, provoke }) => {
    const admin = await connectTo({ socketPath: server.socket, user: 'root', database: 'shop' });
    const client = await connect();
    const fault = await provoke({ server, admin, client, connect, reader, line }).then(
      () => undefined,
      (reason) => reason,
    );
    expect([nameOf(fault), meaningsOf(fault)]).toEqual([error, [meaning]]);
  });
});

function nameOf(fault: { errno?: number; code?: string } | undefined): number | string | undefined {
  if (fault?.errno && fault.errno > 0) return fault.errno;
  return fault && isUnsent(fault) ? 'closed' : fault?.code;
}

function meaningsOf(fault: unknown): Meaning[] {
  if (!fault) return [];
  return [
    ...(isLost(fault) ? [isUnsent(fault) ? ('lost before it was sent' as const) : ('lost' as const)] : []),
    ...(isReadOnly(fault) ? ['read-only' as const] : []),
    ...(isRolledBack(fault) ? ['rolled back' as const] : []),
  ];
}

async function withSetting(
  admin: Connection,
  name: string,
  value: number,
  work: () => Promise<unknown>,
): Promise<void> {
  const [[before]] = (await admin.query(`SELECT @@GLOBAL.${name} AS value`)) as unknown as [
    [{ value: number }],
  ];
  await admin.query(`SET GLOBAL ${name} = ${value}`);
  try {
    await work();
  } finally {
    await admin.query(`SET GLOBAL ${name} = ${before.value}`);
  }
}

/** Sends a change that takes long, and resolves when the server is at it. */
async function begin(admin: Connection, client: Connection): Promise<{ change: Promise<unknown> }> {
  const change = client.query(SLOW_CHANGE);
  change.catch(() => undefined);
  await until(async () => (await processes(admin)).some(({ info }) => info === SLOW_CHANGE));
  return { change };
}

async function processes(admin: Connection) {
  const [rows] = await admin.query('SELECT ID AS id, INFO AS info FROM information_schema.PROCESSLIST');
  return rows as { id: number; info: string | null }[];
}

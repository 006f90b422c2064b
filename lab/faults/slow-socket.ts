import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

export interface SocketFault {
  /** Latency that the way to the database adds to each answer. */
  readonly lagMs?: number;
  /** True if nothing passes at all. */
  readonly cut?: boolean;
}

/**
 * Puts a proxy between the app and a database, at the path of the database's socket, and ends the open connections. The
 * result undoes that, so that clients connect directly again.
 */
export async function disturbSocket(
  path: string,
  { lagMs = 0, cut = false }: SocketFault,
): Promise<() => Promise<void>> {
  const real = `${path}.real`;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (cut) {
      client.destroy();
      return;
    }
    const upstream = connect(real);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.on('data', (chunk) => void sleep(lagMs).then(() => client.destroyed || client.write(chunk)));
  });
  renameSync(path, real);
  server.listen(path);
  await once(server, 'listening');
  await endConnections(real);
  return async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
    renameSync(real, path);
  };
}

/** Ends the connections of the services, but not the administrator's. */
async function endConnections(socketPath: string): Promise<void> {
  const user = userInfo().username;
  const connection = await createConnection({ socketPath, user });
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT id FROM information_schema.processlist WHERE user LIKE 'users%' OR user LIKE 'inventory%'",
  );
  // A connection may have ended meanwhile.
  for (const { id } of rows) await connection.query(`KILL ${Number(id)}`).catch(() => undefined);
  await connection.end();
}

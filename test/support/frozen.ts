import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Line {
  readonly port: number;
  /** From now on nothing passes, and nobody is told: as when a host vanishes. */
  freeze(): void;
  /** Freezes when these bytes come from a client: before the server has them, or after it has done what they say. */
  freezeAt(text: string, when: 'before' | 'after'): void;
  /** New connections pass again; what hangs stays so. */
  thaw(): void;
  close(): Promise<void>;
}

/** A TCP port in front of a unix socket whose traffic can be stopped. */
export async function lineTo(socketPath: string): Promise<Line> {
  const sockets = new Set<Socket>();
  let frozen = false;
  let trigger: { text: string; when: 'before' | 'after' } | undefined;
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    let hangs = frozen;
    client.on('data', (chunk) => {
      const here = trigger && chunk.includes(trigger.text) ? trigger.when : undefined;
      if (here) {
        trigger = undefined;
        frozen = true;
      }
      hangs ||= frozen;
      if (!hangs || here === 'after') upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      hangs ||= frozen;
      if (!hangs) client.write(chunk);
    });
    upstream.on('end', () => hangs || client.end());
    client.on('end', () => upstream.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      frozen = true;
    },
    freezeAt: (text, when) => {
      trigger = { text, when };
    },
    thaw: () => {
      frozen = false;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

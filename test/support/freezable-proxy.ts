import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { cleanup } from './cleanup';

export interface FreezableProxy {
  readonly port: number;
  /** From now on nothing passes, and neither side is notified: as if a host vanished. */
  freeze(): void;
  /** Freezes when such text comes from a client, before the server receives it or after it answers; resolves then. */
  freezeAt(text: RegExp, when: 'before' | 'after'): Promise<void>;
  /** Ends the connection on which such text comes, before the server receives it or after it answers. */
  cutAt(text: RegExp, when: 'before' | 'after'): void;
  /** Lets new connections pass again; frozen ones stay frozen. */
  thaw(): void;
  close(): Promise<void>;
}

/** A COMMIT as a packet ends: in front of it MySQL has attributes of the query, and an isolation level is COMMITTED. */
export const COMMIT = /COMMIT$/;

/** A TCP port in front of a unix socket whose traffic can be stopped. */
export async function startFreezableProxy(socketPath: string): Promise<FreezableProxy> {
  const sockets = new Set<Socket>();
  let frozen = false;
  let trigger: { text: RegExp; when: 'before' | 'after'; act: (cut: () => void) => void } | undefined;
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    let hangs = frozen;
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (chunk) => {
      const here = trigger?.text.test(chunk.toString('latin1')) ? trigger : undefined;
      hangs ||= frozen || here !== undefined;
      if (here) trigger = undefined;
      if (here?.when === 'before') here.act(cut);
      if (here?.when === 'after') upstream.once('data', () => here.act(cut));
      if (!hangs || here?.when === 'after') upstream.write(chunk);
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
    freezeAt: (text, when) =>
      new Promise((resolve) => {
        const act = () => {
          frozen = true;
          resolve();
        };
        trigger = { text, when, act };
      }),
    cutAt: (text, when) => {
      trigger = { text, when, act: (cut) => cut() };
    },
    thaw: () => {
      frozen = false;
    },
    close: cleanup(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    }),
  };
}

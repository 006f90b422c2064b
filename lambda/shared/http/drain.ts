import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** Requests that take longer than this after SIGTERM lose their connection. */
const DRAIN_MS = 25_000;
/** The most connections that the kernel holds ready for Node, which is its default. */
const BACKLOG = 511;

export interface Drainable {
  /** True once stopping: every response must then close its connection. */
  stopping(): boolean;
  /**
   * Resolves when the last connection has ended.
   * @param listeners the servers that accept connections for it
   */
  stop(listeners: readonly Server[]): Promise<void>;
}

/**
 * Stops an HTTP server without losing a request. It accepts no new connections, so that proxies go elsewhere, but keeps
 * answering on open ones, which a proxy may be reusing right now. Idle connections are closed once no request has
 * arrived for `quietMs`, and all connections after 25 s.
 */
export function drainable(server: HttpServer, quietMs: number): Drainable {
  /** Connections without a first request yet, which Node does not count as idle. */
  const unheard = new Set<Socket>();
  let quiet: NodeJS.Timeout | undefined;
  let stopping = false;
  let accepted = 0;
  server.on('connection', () => {
    accepted++;
  });
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    unheard.add(socket);
    socket.once('close', () => unheard.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    unheard.delete(socket);
    quiet?.refresh();
    outgoing.once('close', () => quiet?.refresh());
  });

  /** Those in the kernel's queue would be reset. Node accepts one of a socket each time that it looks for events. */
  const acceptAll = async () => {
    for (let looks = 0, before = -1; looks < BACKLOG && before !== accepted; looks++) {
      before = accepted;
      // The first turn ends a look that may have begun before they came.
      await turn();
      await turn();
    }
  };

  const cutSilent = () => {
    server.closeIdleConnections();
    for (const socket of unheard) socket.destroy();
  };

  return {
    stopping: () => stopping,
    stop: async (listeners) => {
      stopping = true;
      const closed = Promise.all(
        listeners.map((each) => new Promise((resolve) => each.once('close', resolve))),
      );
      await acceptAll();
      // Not the HTTP server's own `close`, which closes idle connections at once.
      for (const each of listeners) Server.prototype.close.call(each);
      quiet = setTimeout(cutSilent, quietMs);
      const cut = setTimeout(() => {
        server.closeAllConnections();
        cutSilent();
      }, DRAIN_MS);
      await closed;
      clearTimeout(quiet);
      clearTimeout(cut);
    },
  };
}

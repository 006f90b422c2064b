import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** What a request may still take after SIGTERM before its connection is cut. */
const DRAIN_MS = 25_000;

export interface Drainable {
  /** Whether it is being stopped: every answer says then that its connection ends. */
  stopping(): boolean;
  /** Resolves when the last connection has ended. */
  stop(): Promise<void>;
}

/**
 * How to stop an HTTP server without losing a request: it takes no more connections, so that proxies go elsewhere, and
 * goes on answering those it has, which a proxy may use again at this very instant. Who was silent for `quietMs` since
 * the last request of anybody is cut off then, and everybody after 25 s.
 */
export function drainable(server: HttpServer, quietMs: number): Drainable {
  /** Connections without a first request yet, which Node does not count as idle. */
  const unheard = new Set<Socket>();
  let quiet: NodeJS.Timeout | undefined;
  let stopping = false;
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    unheard.add(socket);
    socket.once('close', () => unheard.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    unheard.delete(socket);
    quiet?.refresh();
    outgoing.once('close', () => quiet?.refresh());
  });

  const cutSilent = () => {
    server.closeIdleConnections();
    for (const socket of unheard) socket.destroy();
  };

  return {
    stopping: () => stopping,
    stop: async () => {
      stopping = true;
      const closed = new Promise<void>((resolve) => server.once('close', resolve));
      // Connections that the system has accepted and Node has not are reset: Node gets a turn to take them.
      await turn();
      // Not the HTTP server's own `close`, which cuts idle connections at once.
      Server.prototype.close.call(server);
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

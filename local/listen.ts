import { type ServeOptions, type Serving, serve } from '../lambda/shared/http/serve';

export interface Listening extends Pick<Serving, 'stop'> {
  /** The address for a browser on this machine. */
  readonly url: string;
}

/**
 * Serves on `host`, or on this machine alone: on both of its loopback addresses, since a browser tries either of them for
 * "localhost". Where another program has the port on one of them, the address names the other one.
 */
export async function listen({ host, ...options }: ServeOptions): Promise<Listening> {
  if (host !== undefined) {
    const server = await serve({ ...options, host });
    return { url: `http://${named(host)}:${server.port}`, stop: server.stop };
  }
  const server = await serve({ ...options, host: '127.0.0.1' });
  const { port } = server;
  const second = await serve({ ...options, host: '::1', port }).catch(
    (error: NodeJS.ErrnoException) => error,
  );
  if (!('stop' in second)) {
    const isTaken = second.code === 'EADDRINUSE';
    return { url: `http://${isTaken ? '127.0.0.1' : 'localhost'}:${port}`, stop: server.stop };
  }
  return {
    url: `http://localhost:${port}`,
    stop: async () => {
      await Promise.all([server.stop(), second.stop()]);
    },
  };
}

/** Every address of the machine is under its loopback name, too; IPv6 addresses stand in brackets. */
function named(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

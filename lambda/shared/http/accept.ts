import { Server as TlsServer } from 'node:https';
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';

/**
 * Sockets of one port (decision 0262). Node accepts one connection of a socket each time that it looks for events. While
 * requests on established connections fill the time between two looks, new connections wait for their turns, and among
 * them the health checks of a load balancer, which would take a busy host for a dead one.
 */
const SOCKETS = 16;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** `SO_REUSEPORT` came with Node 23.1, which refuses it on macOS. Elsewhere, a port has one socket. */
export const sharesPorts = process.platform === 'linux' && (major > 23 || (major === 23 && minor >= 1));

interface Address {
  /** 0 picks a free one. */
  readonly port: number;
  readonly host: string;
}

/**
 * Lets a server accept connections on a port that no other program has. Returns the servers whose connections it gets,
 * itself first: each is closed alone.
 * @throws Error with the code EADDRINUSE
 */
export async function listen(server: Server, address: Address): Promise<readonly Server[]> {
  if (!sharesPorts) {
    await listening(server, address);
    return [server];
  }
  if (address.port !== 0) await unused(address);
  // Node makes the listener of an HTTP server so; that of HTTPS has no half-open connections.
  const options = { allowHalfOpen: !(server instanceof TlsServer), noDelay: true };
  const others = Array.from({ length: SOCKETS - 1 }, () =>
    createServer(options, (socket) => server.emit('connection', socket)),
  );
  // @types/node is that of Node 20.
  const shared: Address & { reusePort: true } = { ...address, reusePort: true };
  try {
    await listening(server, shared);
    const { port } = server.address() as AddressInfo;
    await Promise.all(others.map((each) => listening(each, { ...shared, port })));
  } catch (error) {
    for (const each of [server, ...others]) each.close();
    throw error;
  }
  return [server, ...others];
}

/** A socket that shares would join those of another program of the same user. */
async function unused(address: Address): Promise<void> {
  const alone = createServer();
  await listening(alone, address);
  await new Promise((resolve) => alone.close(resolve));
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

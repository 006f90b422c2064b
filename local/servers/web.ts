import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { insideName, makeCertificate } from '../../lib/compute/balancer/inside-certificate.steps';
import { type Pool, ROOM } from '../../lib/compute/web/room';
import { ROOT } from '../../lib/root';
import { startNginx, writeIn } from './nginx';
import type { Servers } from './processes';

/** The configuration of the hosts of the web tier. */
const CONFIGURATION = join(ROOT, 'lib', 'compute', 'web', 'host', 'nginx', 'nginx.conf');

export interface WebRoot {
  /** Replaces the root of a host's disk. */
  readonly root: string;
  /** The paths of the certificate and key for all servers of the shop. */
  readonly certificate: string;
  readonly key: string;
}

/** A new root with a new certificate: the pinned one, used here also for the servers' own certificates. */
export async function makeWebRoot(home: string): Promise<WebRoot> {
  const root = join(home, 'web');
  rmSync(root, { recursive: true, force: true });
  const made = await makeCertificate(insideName);
  writeIn(join(root, 'etc/shop/tls/inside.pem'), made.certificate);
  return {
    root,
    certificate: writeIn(join(root, 'etc/shop/tls/current/certificate.pem'), made.certificate),
    key: writeIn(join(root, 'etc/shop/tls/current/key.pem'), made.key),
  };
}

export interface WebOptions {
  readonly say: (line: string) => void;
  readonly binary: string;
  readonly root: string;
  readonly port: number;
  readonly log: string;
  readonly upstreams: Groups;
}

/** The ports of the processes that read and of those that write. */
type Groups = Readonly<Record<'read' | 'write', readonly number[]>>;

export interface Web {
  readonly accessLog: string;
  /** Replaces the processes that it passes requests on to, and resolves once no request goes to any other. */
  setUpstreams(groups: Groups): Promise<void>;
}

/** nginx with the configuration of web hosts; only the paths, the port and the user differ. */
export async function startWeb(servers: Servers, { port, upstreams, ...options }: WebOptions): Promise<Web> {
  const { root } = options;
  const configuration = readFileSync(CONFIGURATION, 'utf8')
    // Every request: there is no balancer that counts the others.
    .replace('@LOGGED_READS_PERCENT@', '100')
    .replace('user nginx;', userOf())
    .replaceAll(/ (\/(?:etc|run|var)\/)/g, ` ${root}$1`)
    .replace('listen 443 ', `listen 127.0.0.1:${port} `);
  const nginx = await startNginx(servers, {
    ...{ ...options, name: 'nginx', configuration, upstreams: poolsOf(upstreams) },
    // Each process has the room of a host of its own, for each worker of nginx that of one of two (decision 0136).
    room: (pool) => ROOM[pool as Pool] / 2,
  });
  return {
    accessLog: join(root, 'var/log/nginx/access.log'),
    setUpstreams: (groups) => nginx.setUpstreams(poolsOf(groups)),
  };
}

const poolsOf = ({ read, write }: Groups): Readonly<Record<Pool, readonly number[]>> => ({
  read,
  write,
  critical: write,
});

/** The directive for whoever runs this. */
export const userOf = (): string => (process.getuid?.() === 0 ? 'user root;' : '');

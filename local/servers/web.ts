import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { insideName, makeCertificate } from '../../lib/compute/balancer/inside-certificate.steps';
import type { Servers } from './processes';

/** What the hosts of the web tier are configured with. */
const CONFIGURATION = join(__dirname, '..', '..', 'lib', 'compute', 'web', 'host', 'nginx', 'nginx.conf');

export interface WebRoot {
  /** Stands for the root of a host's disk. */
  readonly root: string;
  /** Where the certificate and the key are that everything in the shop is served with. */
  readonly certificate: string;
  readonly key: string;
}

/** A new root with a new certificate: the one that is pinned and, here, also the one that each server would make for itself. */
export async function makeWebRoot(home: string): Promise<WebRoot> {
  const root = join(home, 'web');
  rmSync(root, { recursive: true, force: true });
  const made = await makeCertificate(insideName);
  write(join(root, 'etc/shop/tls/inside.pem'), made.certificate);
  return {
    root,
    certificate: write(join(root, 'etc/shop/tls/current/certificate.pem'), made.certificate),
    key: write(join(root, 'etc/shop/tls/current/key.pem'), made.key),
  };
}

export interface NginxOptions {
  readonly say: (line: string) => void;
  readonly binary: string;
  readonly root: string;
  readonly port: number;
  readonly log: string;
  /** The ports of the processes that stand for the groups. */
  readonly upstreams: { readonly read: readonly number[]; readonly write: readonly number[] };
}

/**
 * nginx with the configuration of the hosts, of which only the paths, the port and the user are others here. One that ends
 * is replaced, as a group does with its hosts.
 */
export async function startNginx(servers: Servers, options: NginxOptions): Promise<{ accessLog: string }> {
  const { binary, root, port, log, upstreams, say } = options;
  const inRoot = (path: string) => join(root, path);
  for (const [name, ports] of Object.entries(upstreams)) {
    write(inRoot(`etc/shop/web/${name}.servers`), serversOf(ports));
  }
  for (const folder of ['var/log/nginx', 'run']) mkdirSync(inRoot(folder), { recursive: true });
  const temporary = TEMPORARY.map((kind) => `${kind}_temp_path ${inRoot(`run/${kind}`)};`).join(' ');
  const configuration = readFileSync(CONFIGURATION, 'utf8')
    .replace('user nginx;', process.getuid?.() === 0 ? 'user root;' : '')
    .replaceAll(/ (\/(?:etc|run|var)\/)/g, ` ${root}$1`)
    .replace('listen 443 ', `listen 127.0.0.1:${port} `)
    .replace('http {', `http { ${temporary}`);
  const file = write(inRoot('etc/nginx/nginx.conf'), configuration);
  const command = {
    name: 'nginx',
    command: binary,
    args: ['-p', root, '-c', file, '-g', 'daemon off; error_log stderr notice;'],
    mark: file,
    log,
    ready: /start worker process/,
  };
  const start = () => servers.start({ ...command, ended });
  const ended = (why: string) => {
    say(why);
    start().then(
      ({ pid }) => say(`nginx runs again as ${pid}`),
      (error: Error) => servers.giveUp(error.message),
    );
  };
  await start();
  return { accessLog: inRoot('var/log/nginx/access.log') };
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Processes, where a host has the addresses of a balancer: one that fails is left alone for a moment (decision 93). */
const serversOf = (ports: readonly number[]): string =>
  ports.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=5s;\n`).join('');

function write(path: string, content: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

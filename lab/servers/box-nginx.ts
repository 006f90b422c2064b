import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { insideName, makeCertificate } from '../../lib/compute/balancer/inside-certificate.steps';
import { ROOT } from '../../lib/root';
import { binariesOf } from '../../local/servers/binaries';
import { freePort } from '../../local/servers/free-port';
import type { Servers } from '../../local/servers/processes';

const HOST = join(ROOT, 'lib', 'compute', 'box', 'host', 'nginx');
const STOREFRONT = join(ROOT, 'storefront');
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export interface BoxNginx {
  readonly pid: number;
  readonly port: number;
}

/** The box's web server with the box's own configuration, before the app of phases 1 and 2. */
export async function startBoxNginx(servers: Servers, root: string, appPort: number): Promise<BoxNginx> {
  const { nginx } = binariesOf({ tiers: { web: SOME, groups: [] }, cache: 'none' });
  const port = await freePort();
  const inRoot = (path: string) => join(root, path);
  const made = await makeCertificate(insideName);
  write(inRoot('etc/shop/tls/current/certificate.pem'), made.certificate);
  write(inRoot('etc/shop/tls/current/key.pem'), made.key);
  const underRoot = (text: string) => text.replaceAll(/ (\/(?:etc|opt|run|var)\/)/g, ` ${root}$1`);
  for (const file of readdirSync(HOST).filter((name) => name !== 'nginx.conf'))
    write(inRoot(`etc/nginx/shop/${file}`), underRoot(readFileSync(join(HOST, file), 'utf8')));
  write(inRoot('etc/nginx/mime.types'), 'types { text/html html; }\n');
  cpSync(STOREFRONT, inRoot('opt/shop/current/storefront'), { recursive: true });
  for (const folder of ['var/log/nginx', 'run']) mkdirSync(inRoot(folder), { recursive: true });
  const temporary = TEMPORARY.map((kind) => `${kind}_temp_path ${inRoot(`run/${kind}`)};`).join(' ');
  const configuration = underRoot(readFileSync(join(HOST, 'nginx.conf'), 'utf8'))
    .replace('user nginx;', process.getuid?.() === 0 ? 'user root;' : '')
    .replaceAll('@DOMAIN@', 'shop.example')
    .replace('listen 80 default_server', `listen 127.0.0.1:${await freePort()} default_server`)
    .replace('listen 443 ', `listen 127.0.0.1:${port} `)
    .replaceAll('server 127.0.0.1:8080 ', `server 127.0.0.1:${appPort} `)
    .replace('http {', `http { ${temporary}`);
  const file = write(inRoot('etc/nginx/nginx.conf'), configuration);
  const { pid } = await servers.start({
    name: 'nginx of the box',
    command: nginx,
    args: ['-p', root, '-c', file, '-g', 'daemon off; error_log stderr notice;'],
    mark: file,
    log: join(root, 'nginx.log'),
    ready: /start worker process/,
  });
  return { pid, port };
}

const SOME = { instances: 1, instanceType: '', scaling: 'fixed' } as const;

function write(path: string, content: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

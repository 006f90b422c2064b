import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../../lib/compute/balancer/inside-certificate.steps';
import { freePort } from './free-port';
import type { Host } from './host';
import { keep } from './keep';

/** A shared cache that serves. */
export interface LocalCache {
  /** As processes take it. It contains a password of this run. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly log: string;
}

const MEMORY = '64mb';
/** The name in its certificate. */
const NAME = 'localhost';

/** A private Valkey (or Redis) with TLS and a password, kept in memory alone, and restarted empty when it ends. */
export async function startCache({ servers, home, say }: Host, binary: string): Promise<LocalCache> {
  const folder = join(home, 'cache');
  const log = join(home, 'cache.log');
  const [port, password] = [await freePort(), randomBytes(24).toString('hex')];
  mkdirSync(folder, { recursive: true });
  const tls = hasTls(binary) ? await writeCertificate(folder) : undefined;
  const file = join(folder, 'cache.conf');
  // A file, since other users of this machine can read the arguments of a process.
  writeFileSync(file, configuration({ folder, port, password, tls }), { mode: 0o600 });
  const { pid } = await keep(servers, say, 'The cache', (ended) =>
    servers.start({
      ...{ name: 'The cache', command: binary, args: [file], mark: file, log, ended },
      ready: /Ready to accept connections/,
    }),
  );
  const url = tls
    ? `valkeys://default:${password}@${NAME}:${port}?ca=${encodeURIComponent(tls.certificate)}`
    : `valkey://default:${password}@127.0.0.1:${port}`;
  return { url, port, pid, log };
}

/**
 * True if the program has TLS, as Debian's packages have. The second setting is wrong for every program, so that it
 * ends at once; one without TLS complains about the first.
 */
export function hasTls(binary: string): boolean {
  const { stdout, stderr } = spawnSync(binary, ['--tls-auth-clients', 'no', '--maxmemory', 'none'], {
    encoding: 'utf8',
  });
  return !`${stdout}${stderr}`.includes("'tls-auth-clients");
}

interface Files {
  readonly certificate: string;
  readonly key: string;
}

async function writeCertificate(folder: string): Promise<Files> {
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const { certificate, key } = await makeCertificate(NAME);
  writeFileSync(files.certificate, certificate);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}

interface Settings {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  readonly tls: Files | undefined;
}

const configuration = ({ folder, port, password, tls }: Settings) =>
  [
    ...['bind 127.0.0.1', `requirepass ${password}`, `dir ${folder}`],
    ...(tls
      ? [
          ...['port 0', `tls-port ${port}`, 'tls-auth-clients no'],
          ...[`tls-cert-file ${tls.certificate}`, `tls-key-file ${tls.key}`],
        ]
      : [`port ${port}`]),
    ...[
      'save ""',
      'appendonly no',
      `maxmemory ${MEMORY}`,
      'maxmemory-policy allkeys-lru',
      'daemonize no',
      '',
    ],
  ].join('\n');

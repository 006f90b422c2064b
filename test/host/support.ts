import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const HOST = resolve(__dirname, '../../lib/compute/box/host');

/** `describe` on a Linux that has these programs; where every server must be there (CI), their absence is an error. */
export function describeWith(...programs: string[]): jest.Describe {
  if (process.platform !== 'linux') return describe.skip;
  const missing = programs.filter(
    (program) => spawnSync('which', [program], { env: environment() }).status !== 0,
  );
  if (missing.length === 0) return describe;
  if (process.env.REQUIRE_SERVERS === '1') throw new Error(`Missing on this machine: ${missing.join(', ')}`);
  return describe.skip;
}

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** A folder that stands for the box's root, with box.env in it and a folder of stand-ins for commands first on PATH. */
export class Box {
  readonly root = mkdtempSync(join(tmpdir(), 'shop-box-'));

  constructor(settings: Readonly<Record<string, string>> = {}) {
    const defaults = {
      AWS_REGION: 'eu-central-1',
      DEPLOYMENTS_BUCKET: 'deployments',
      DATA_VOLUME_ID: 'vol-0123456789abcdef0',
      LOG_GROUP: '/shop/box',
      DOMAIN: '',
    };
    const lines = Object.entries({ ...defaults, ...settings }).map(([name, value]) => `${name}=${value}`);
    this.write('etc/shop/box.env', `${lines.join('\n')}\n`);
    mkdirSync(this.path('bin'));
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content: string | Buffer, mode?: number): string {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content, { mode });
    return this.path(path);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  /** A bash script that answers instead of a command that would reach beyond the folder. */
  standIn(command: string, script: string): void {
    this.write(`bin/${command}`, `#!/usr/bin/env bash\n${script}\n`, 0o755);
  }

  /** Runs one of the box's scripts as the box would, but for its root. Never rejects. */
  run(script: string, args: string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const options = { env: { ...environment(this.path('bin')), ROOT: this.root, ...env } };
    return new Promise((done) => {
      execFile('bash', [join(HOST, script), ...args], options, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
      );
    });
  }

  /** nginx's configuration with the folder as its root, on these ports. `index.html` and mime types included. */
  nginx(ports: { http: number; https: number; app: number }, domain = 'domain.invalid'): string {
    cpSync(join(HOST, 'nginx/headers.conf'), this.write('etc/nginx/shop/headers.conf', ''));
    cpSync('/etc/nginx/mime.types', this.path('etc/nginx/mime.types'));
    mkdirSync(this.path('var/log/nginx'), { recursive: true });
    mkdirSync(this.path('run'), { recursive: true });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${this.path('run', kind)};`)
      .join(' ');
    const conf = readFileSync(join(HOST, 'nginx/nginx.conf'), 'utf8')
      .replaceAll('@DOMAIN@', domain)
      .replace('user nginx;', process.getuid?.() === 0 ? 'user root;' : '')
      .replaceAll(/ (\/(?:etc|opt|var|run)\/)/g, ` ${this.root}$1`)
      .replace('listen 80 ', `listen 127.0.0.1:${ports.http} `)
      .replace('listen 443 ', `listen 127.0.0.1:${ports.https} `)
      .replace('127.0.0.1:8080', `127.0.0.1:${ports.app}`)
      .replace('http {', `http { ${temporary}`);
    return this.write('etc/nginx/nginx.conf', conf);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** What a script sees: no settings of the machine's own but a PATH that has the system's programs. */
export function environment(firstOnPath = '/usr/local/bin'): Record<string, string> {
  const system = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  return {
    PATH: `${firstOnPath}:${system}`,
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate for a name, as PEM; negative `days`: expired. */
export function certificateFor(name: string, days = 30): Pair {
  const cwd = mkdtempSync(join(tmpdir(), 'shop-certificate-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd, stdio: 'ignore' });
  try {
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key'];
    openssl('req', '-new', ...key, ...subject, '-out', 'request');
    const signed = ['-req', '-in', 'request', '-signkey', 'key', '-copy_extensions', 'copyall'];
    openssl('x509', ...signed, '-days', String(days), '-out', 'certificate');
    return {
      certificate: readFileSync(join(cwd, 'certificate'), 'utf8'),
      key: readFileSync(join(cwd, 'key'), 'utf8'),
    };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((done) => {
          const server = createServer().listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** What an attempt resolves to, once it does; its last error when it does not within about half a minute. */
export async function eventually<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = 500; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(50);
    }
  }
}

import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { hostFiles } from '../../lib/compute/fleet/host-files';

const compute = resolve(__dirname, '../../lib/compute');

export const HOST = join(compute, 'box/host');

/** The source folders of the files on a host of a tier. */
export const TIER_FOLDERS = {
  web: [join(compute, 'host'), join(compute, 'web/host')],
  api: [join(compute, 'host'), join(compute, 'api/host')],
} as const;

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

/**
 * A folder that stands for a host's root, with its settings in it and a folder of stand-ins for commands first on PATH.
 */
abstract class Host {
  readonly root = mkdtempSync(join(tmpdir(), 'shop-host-'));
  /** The folder of the host's scripts. */
  protected abstract readonly scripts: string;

  constructor(file: string, settings: Readonly<Record<string, string>>) {
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    this.write(file, `${lines.join('\n')}\n`);
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

  /** Runs one of the host's scripts as the host would, but for its root. Never rejects. */
  run(script: string, args: string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const options = { env: { ...environment(this.path('bin')), ROOT: this.root, ...env } };
    return new Promise((done) => {
      execFile('bash', [join(this.scripts, script), ...args], options, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
      );
    });
  }

  /** Writes this configuration of nginx with the folder as its root; returns where. */
  protected nginxConf(text: string): string {
    mkdirSync(this.path('var/log/nginx'), { recursive: true });
    mkdirSync(this.path('run'), { recursive: true });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${this.path('run', kind)};`)
      .join(' ');
    const conf = text
      .replace('user nginx;', process.getuid?.() === 0 ? 'user root;' : '')
      .replaceAll(/ (\/(?:etc|opt|var|run)\/)/g, ` ${this.root}$1`)
      .replace('http {', `http { ${temporary}`);
    return this.write('etc/nginx/nginx.conf', conf);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface BoxPorts {
  readonly http: number;
  readonly https: number;
  readonly app: number;
  /** Of nginx. Default: one for each core. */
  readonly workers?: number | 'auto';
}

/** The box, with box.env. */
export class Box extends Host {
  protected readonly scripts = HOST;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    super('etc/shop/box.env', {
      AWS_REGION: 'eu-central-1',
      DEPLOYMENTS_BUCKET: 'deployments',
      DATA_VOLUME_ID: 'vol-0123456789abcdef0',
      LOG_GROUP: '/shop/box',
      DOMAIN: '',
      ...settings,
    });
  }

  /** nginx's configuration with the folder as its root, on these ports. `index.html` and mime types included. */
  nginx({ workers = 'auto', ...ports }: BoxPorts, domain = 'domain.invalid'): string {
    for (const file of ['headers.conf', 'problem.conf']) {
      const text = readFileSync(join(HOST, 'nginx', file), 'utf8');
      this.write(`etc/nginx/shop/${file}`, text.replaceAll('/etc/', `${this.root}/etc/`));
    }
    cpSync('/etc/nginx/mime.types', this.path('etc/nginx/mime.types'));
    return this.nginxConf(
      readFileSync(join(HOST, 'nginx/nginx.conf'), 'utf8')
        .replace('worker_processes auto', `worker_processes ${workers}`)
        .replaceAll('@DOMAIN@', domain)
        .replace('listen 80 ', `listen 127.0.0.1:${ports.http} `)
        .replace('listen 443 ', `listen 127.0.0.1:${ports.https} `)
        .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.app}`),
    );
  }
}

export interface NginxOptions {
  /** Default: one for each core. */
  readonly workers?: number | 'auto' | undefined;
  /** Default 100. */
  readonly loggedReadsPercent?: number | undefined;
}

/** A host of a tier, with host.env and the files that a deployment brings. */
export class TierHost extends Host {
  protected readonly scripts = this.path('opt/shop/host');

  constructor(tier: keyof typeof TIER_FOLDERS, settings: Readonly<Record<string, string>> = {}) {
    super('etc/shop/host.env', { AWS_REGION: 'eu-central-1', LOG_GROUP: '/shop/fleet', ...settings });
    cpSync(hostFiles(tier), this.scripts, { recursive: true });
  }

  /** nginx's configuration with the folder as its root, on this port of the loopback. */
  nginx(port: number, { workers = 'auto', loggedReadsPercent = 100 }: NginxOptions = {}): string {
    const text = readFileSync(join(this.scripts, 'nginx/nginx.conf'), 'utf8')
      .replace('worker_processes auto', `worker_processes ${workers}`)
      .replace('@LOGGED_READS_PERCENT@', String(loggedReadsPercent))
      .replace('listen 443 ', `listen 127.0.0.1:${port} `);
    return this.nginxConf(text);
  }
}

/**
 * Commands of the system that change it: they are written to `calls` instead. Packages are missing until `installed`
 * exists.
 */
export function standInForTheSystem(host: TierHost): void {
  const record = (command: string) => host.standIn(command, `echo "$(basename "$0") $*" >>"$ROOT/calls"`);
  for (const command of ['dnf', 'systemctl', 'useradd', 'chgrp']) record(command);
  record('../opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl');
  host.standIn('rpm', '[[ -e $ROOT/installed ]]');
}

/** Expects the log agent's settings on a booted host to have no placeholder, and each log under its role and id. */
export function expectToBeFilledIn(host: TierHost, role: string): void {
  const text = host.read('etc/shop/cloudwatch-agent.json');
  expect(text).not.toMatch(/@\w+@/);
  const agent = JSON.parse(text);
  expect(agent.agent).toEqual({ region: 'eu-central-1' });
  for (const file of agent.logs.logs_collected.files.collect_list) {
    expect(file.log_group_name).toBe('/shop/fleet');
    expect(file.log_stream_name.startsWith(`${role}/{instance_id}/`)).toBe(true);
  }
}

/** The environment of a script: nothing of this machine's but a PATH with the system's programs. */
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

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRunError } from '../errors';
import { keep } from './keep';
import type { Servers } from './processes';

/** The ports of the processes of each upstream. */
type Upstreams = Readonly<Record<string, readonly number[]>>;

export interface NginxOptions {
  /** Shown to people. */
  readonly name: string;
  readonly say: (line: string) => void;
  readonly binary: string;
  /** Replaces the root of a host's disk. */
  readonly root: string;
  readonly log: string;
  /** The whole configuration, which includes the file `serversFile` of each upstream. */
  readonly configuration: string;
  readonly upstreams: Upstreams;
  /** The most connections of a worker to each process of an upstream. Default: unlimited. */
  readonly room?: (upstream: string) => number;
}

export interface Nginx {
  /** Replaces the processes that it passes requests on to, and resolves once no request goes to any other. */
  setUpstreams(upstreams: Upstreams): Promise<void>;
}

/** The file with the servers of an upstream, below the root. */
export const serversFile = (upstream: string): string => `etc/shop/web/${upstream}.servers`;

/** nginx with a configuration. It is restarted when it ends, as a group replaces its hosts. */
export async function startNginx(servers: Servers, options: NginxOptions): Promise<Nginx> {
  const { name, binary, root, log, configuration, upstreams, room, say } = options;
  const inRoot = (path: string) => join(root, path);
  const writeUpstreams = (to: Upstreams) => {
    for (const [upstream, ports] of Object.entries(to)) {
      writeIn(inRoot(serversFile(upstream)), serversOf(ports, room?.(upstream)));
    }
  };
  writeUpstreams(upstreams);
  for (const folder of ['var/log/nginx', 'run']) mkdirSync(inRoot(folder), { recursive: true });
  const temporary = TEMPORARY.map((kind) => `${kind}_temp_path ${inRoot(`run/${kind}`)};`).join(' ');
  const file = writeIn(
    inRoot('etc/nginx/nginx.conf'),
    configuration.replace('http {', `http { ${temporary}`),
  );
  const command = {
    name,
    command: binary,
    args: ['-p', root, '-c', file, '-g', 'daemon off; error_log stderr notice;'],
    mark: file,
    log,
    ready: /start worker process/,
  };
  let pid = 0;
  await keep(servers, say, name, async (ended) => {
    const serving = await servers.start({ ...command, ended });
    pid = serving.pid;
    return serving;
  });
  let workers: number[] = [];
  let seen = 0;
  const startedSince = () => {
    const all = workersOf(log);
    const since = all.slice(seen);
    seen = all.length;
    return since;
  };
  return {
    setUpstreams: async (to) => {
      const old = [...workers, ...startedSince()];
      writeUpstreams(to);
      reload(pid);
      // The new workers take over, and the old ones end after their last request.
      for (const until = Date.now() + RELOAD_TIMEOUT_MS; ; await sleep(POLL_INTERVAL_MS)) {
        workers = [...workers, ...startedSince()];
        if (workers.some((worker) => !old.includes(worker)) && !old.some(isAlive)) break;
        if (Date.now() > until)
          throw new CannotRunError(`${name} did not take other servers. Its log: ${log}`);
      }
      workers = workers.filter((worker) => !old.includes(worker));
    },
  };
}

const POLL_INTERVAL_MS = 20;
/** Longer than the longest request. */
const RELOAD_TIMEOUT_MS = 40_000;

/** All that were ever started. */
const workersOf = (log: string): number[] =>
  [...readFileSync(log, 'utf8').matchAll(/start worker process (\d+)/g)].map(([, pid]) => Number(pid));

function reload(pid: number): void {
  try {
    process.kill(pid, 'SIGHUP');
  } catch {
    // It has just ended; the one that replaces it reads the new files.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Processes instead of the addresses of a balancer; a failed one is skipped for a moment (decision 0093). */
function serversOf(ports: readonly number[], room: number | undefined): string {
  const most = room === undefined ? '' : ` max_conns=${room}`;
  return ports.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=5s${most};\n`).join('');
}

export function writeIn(path: string, content: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/**
 * CPU time that servers take for a request, and the memory that they have then, each in a process of its own, in
 * interleaved rounds. Their code is bundled, as what is deployed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { nativePackages } from '../../lib/natives';
import { median } from '../analysis/statistics';
import type { RequestText, Serving, Usage } from './measured-server';

export interface Rounds {
  readonly rounds: number;
  /** Of each round; as many are sent before the first. */
  readonly requests: number;
  /** One request at a time on each. */
  readonly connections: number;
}

/** Of a variant. */
export interface Measured {
  readonly variant: string;
  /** CPU microseconds a request, of each round. */
  readonly micros: number[];
  /** Resident memory after the last round, in MB. */
  megabytes: number;
}

const MODULES = join(__dirname, '..', '..', 'node_modules');

/** `program` is started with the name of a variant, an empty folder, and `args`; it calls `measured`. */
export async function cpuOfRequests(
  program: string,
  variants: readonly string[],
  { rounds, requests, connections }: Rounds,
  args: readonly string[] = [],
): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
  const bundled = join(folder, 'server.js');
  buildSync({
    ...{ entryPoints: [program], outfile: bundled, bundle: true, platform: 'node', format: 'cjs' },
    ...{ external: [...nativePackages, 'libsql'], logLevel: 'error' },
  });
  const servers = await Promise.all(
    variants.map(async (variant) => ({
      ...(await started(bundled, [variant, mkdtempSync(join(folder, variant)), ...args])),
      measured: { variant, micros: [], megabytes: 0 } as Measured,
    })),
  );
  const round = async ({ child, port, next }: Server) => {
    const before = await usage(child);
    await Promise.all(
      Array.from({ length: connections }, () => client(port, next, Math.ceil(requests / connections))),
    );
    const after = await usage(child);
    return { micros: (after.cpu - before.cpu) / requests, megabytes: after.rss / 2 ** 20 };
  };
  for (const server of servers) await round(server);
  for (let n = 0; n < rounds; n++) {
    for (const server of servers) {
      const { micros, megabytes } = await round(server);
      server.measured.micros.push(micros);
      server.measured.megabytes = megabytes;
    }
  }
  for (const { child } of servers) child.kill();
  rmSync(folder, { recursive: true });
  return servers.map(({ measured }) => measured);
}

/** Returns the medians. */
export function printCpu(measured: readonly Measured[]): number[] {
  console.log('variant              CPU µs/request     min     max   MB resident');
  for (const { variant, micros, megabytes } of measured) {
    const cells = [median(micros), Math.min(...micros), Math.max(...micros)].map((us) => us.toFixed(1));
    const [middle = '', least = '', most = ''] = cells;
    console.log(
      `${variant.padEnd(20)}${middle.padStart(15)}${least.padStart(8)}${most.padStart(8)}${megabytes.toFixed(0).padStart(14)}`,
    );
  }
  return measured.map(({ micros }) => median(micros));
}

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly next: () => RequestText;
}

async function started(program: string, args: readonly string[]): Promise<Server> {
  const [variant = '', folder = ''] = args;
  const log = openSync(join(folder, `${variant}.log`), 'w');
  const child = fork(program, args, {
    env: { ...process.env, NODE_PATH: MODULES, NODE_ENV: 'production' },
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
  const [{ port, requests }] = (await once(child, 'message')) as [Serving];
  let sent = 0;
  const next = () => (requests[sent++ % requests.length] ?? '').replace('{uuid}', () => randomUUID());
  return { child, port, next };
}

async function usage(child: ChildProcess): Promise<{ cpu: number; rss: number }> {
  child.send('usage');
  const [{ user, system, rss }] = (await once(child, 'message')) as [Usage];
  return { cpu: user + system, rss };
}

/** Keep-alive, one request at a time. */
function client(port: number, next: () => RequestText, requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let left = requests;
    let expected = 0;
    let seen = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(next()));
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      seen += chunk;
      if (expected === 0) {
        const head = seen.indexOf('\r\n\r\n');
        if (head === -1) return;
        if (!/^HTTP\/1.1 (200|201|503)/.test(seen)) return reject(new Error(seen.slice(0, 600)));
        expected = head + 4 + Number(/content-length: (\d+)/i.exec(seen)?.[1]);
      }
      if (seen.length < expected) return;
      seen = '';
      expected = 0;
      if (--left > 0) socket.write(next());
      else socket.end(resolve);
    });
  });
}

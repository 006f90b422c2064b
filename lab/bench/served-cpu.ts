/** CPU time that servers take for a request, each in a process of its own, in interleaved rounds. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../analysis/statistics';

/** Its head and body as they are sent; `{uuid}` is another one each time. */
type RequestText = string;

/** First message of a server to its parent. Then it answers each message with its `process.cpuUsage()`. */
export interface Serving {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly RequestText[];
}

export interface Rounds {
  readonly rounds: number;
  /** Of each round; as many are sent before the first. */
  readonly requests: number;
  /** One request at a time on each. */
  readonly connections: number;
}

/**
 * CPU microseconds a request, for each variant and round. `program` is started with the name of a variant, an empty
 * folder, and `args`.
 */
export async function cpuOfRequests(
  program: string,
  variants: readonly string[],
  { rounds, requests, connections }: Rounds,
  args: readonly string[] = [],
): Promise<number[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
  const servers = await Promise.all(
    variants.map((variant) => started(program, [variant, mkdtempSync(join(folder, variant)), ...args])),
  );
  const round = async ({ child, port, next }: Server) => {
    const before = await cpu(child);
    await Promise.all(
      Array.from({ length: connections }, () => client(port, next, Math.ceil(requests / connections))),
    );
    return ((await cpu(child)) - before) / requests;
  };
  for (const server of servers) await round(server);
  const measured = servers.map(() => [] as number[]);
  for (let n = 0; n < rounds; n++) {
    for (const [i, server] of servers.entries()) measured[i]?.push(await round(server));
  }
  for (const { child } of servers) child.kill();
  rmSync(folder, { recursive: true });
  return measured;
}

/** Returns the medians. */
export function printCpu(variants: readonly string[], measured: readonly (readonly number[])[]): number[] {
  const medians = measured.map((all) => median(all));
  console.log('variant              CPU µs/request   min    max');
  variants.forEach((variant, i) => {
    const all = measured[i] ?? [];
    const cells = [medians[i] ?? 0, Math.min(...all), Math.max(...all)].map((us) => us.toFixed(1));
    console.log(
      `${variant.padEnd(20)}${cells[0]?.padStart(15)}${cells[1]?.padStart(8)}${cells[2]?.padStart(7)}`,
    );
  });
  return medians;
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
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
  const [{ port, requests }] = (await once(child, 'message')) as [Serving];
  let sent = 0;
  const next = () => (requests[sent++ % requests.length] ?? '').replace('{uuid}', () => randomUUID());
  return { child, port, next };
}

async function cpu(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return user + system;
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

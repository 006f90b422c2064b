/**
 * CPU microseconds a request of GET /api/products/{id} from memory, beside a bare node:http server that answers the
 * same bytes and logs the same line, and beside a shop that refuses the request. Interleaved rounds, medians: `npx tsx lab/bench/read-path.ts [rounds]`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../analysis/statistics';

const REQUESTS = 20_000;
const CONNECTIONS = 16;
const VARIANTS = ['bare', 'shop', 'refusing'] as const;

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly path: string;
}

async function main(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
  const servers = await Promise.all(
    VARIANTS.map((variant) => started(variant, mkdtempSync(join(folder, variant)))),
  );
  for (const server of servers) await round(server, REQUESTS);
  const measured = servers.map(() => [] as number[]);
  for (let n = 0; n < rounds; n++) {
    for (const [i, server] of servers.entries()) measured[i]?.push(await round(server, REQUESTS));
  }
  for (const { child } of servers) child.kill();
  rmSync(folder, { recursive: true });
  const medians = measured.map(median);
  console.log('variant   CPU µs/request   min    max');
  VARIANTS.forEach((variant, i) => {
    const all = measured[i] ?? [];
    const cells = [medians[i] ?? 0, Math.min(...all), Math.max(...all)].map((us) => us.toFixed(1));
    console.log(
      `${variant.padEnd(10)}${cells[0]?.padStart(14)}${cells[1]?.padStart(8)}${cells[2]?.padStart(7)}`,
    );
  });
  console.log(
    `shop / bare: ${((medians[1] ?? 0) / (medians[0] ?? 1)).toFixed(2)} (medians of ${rounds} rounds of ${REQUESTS})`,
  );
}

async function started(variant: string, folder: string): Promise<Server> {
  const log = openSync(join(folder, `${variant}.log`), 'w');
  const child = fork(join(__dirname, 'read-path-server.ts'), [variant, folder], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
  const [{ port, path }] = (await once(child, 'message')) as [Omit<Server, 'child'>];
  return { child, port, path };
}

/** Sends `requests` over keep-alive connections, one at a time on each; returns the server's CPU µs a request. */
async function round({ child, port, path }: Server, requests: number): Promise<number> {
  const before = await cpu(child);
  await Promise.all(Array.from({ length: CONNECTIONS }, () => client(port, path, requests / CONNECTIONS)));
  return ((await cpu(child)) - before) / requests;
}

async function cpu(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return user + system;
}

function client(port: number, path: string, requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;
    let left = requests;
    let expected = 0;
    let seen = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(request));
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      seen += chunk;
      if (expected === 0) {
        const head = seen.indexOf('\r\n\r\n');
        if (head === -1) return;
        if (!/^HTTP\/1.1 (200|503)/.test(seen)) return reject(new Error(seen.slice(0, 100)));
        expected = head + 4 + Number(/content-length: (\d+)/i.exec(seen)?.[1]);
      }
      if (seen.length < expected) return;
      seen = '';
      expected = 0;
      if (--left > 0) socket.write(request);
      else socket.end(resolve);
    });
  });
}

void main(Number(process.argv[2] ?? 11));

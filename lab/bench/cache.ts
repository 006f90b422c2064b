/**
 * CPU microseconds a GET of a 1 KB value, of the calling process and of the cache, with 1 and with 100 calls at a time:
 * `npx tsx lab/bench/cache.ts [rounds]`. Calls that begin together share a write and a read. Interleaved rounds, medians.
 */
import type { Cache } from '../../lambda/shared/cache/cache';
import { createMemoryCache } from '../../lambda/shared/cache/memory-cache';
import { targetOf } from '../../lambda/shared/cache/open';
import { openValkeyCache } from '../../lambda/shared/cache/valkey-cache';
import { createLog } from '../../lambda/shared/runtime/log';
import { hasValkey, startValkey } from '../../test/support/valkey';
import { median } from '../analysis/statistics';

const GETS = 20_000;
const KEYS = 1000;
const VALUE = 'x'.repeat(1000);

interface Subject {
  readonly name: string;
  readonly cache: Cache;
  /** CPU microseconds of the cache so far. */
  serverCpu(): Promise<number>;
  stop(): Promise<void>;
}

async function main(rounds: number): Promise<void> {
  const subjects = [inMemory(), ...(hasValkey() ? [await inValkey()] : [])];
  const rows = subjects.flatMap((subject) =>
    [1, 100].map((atATime) => ({ subject, atATime, client: [] as number[], server: [] as number[] })),
  );
  try {
    for (const { cache } of subjects) await fill(cache);
    for (let n = -1; n < rounds; n++) {
      for (const { subject, atATime, client, server } of rows) {
        const spent = await round(subject, atATime);
        // The first round warms up.
        if (n < 0) continue;
        client.push(spent.client);
        server.push(spent.server);
      }
    }
  } finally {
    for (const { stop } of subjects) await stop();
  }
  const us = (all: readonly number[]) => Number(median(all).toFixed(1));
  console.table(
    rows.map(({ subject, atATime, client, server }) => ({
      ...{ cache: subject.name, 'at a time': atATime },
      ...{ 'µs/GET of the caller': us(client), 'µs/GET of the cache': us(server) },
    })),
  );
}

async function round({ cache, serverCpu }: Subject, atATime: number) {
  const [before, serverBefore] = [process.cpuUsage(), await serverCpu()];
  let next = 0;
  const caller = async () => {
    while (next < GETS) {
      const found = await cache.get(key(next++ % KEYS));
      if (found?.value.length !== VALUE.length) throw new Error('The cache has lost a value');
    }
  };
  await Promise.all(Array.from({ length: atATime }, caller));
  const { user, system } = process.cpuUsage(before);
  return { client: (user + system) / GETS, server: ((await serverCpu()) - serverBefore) / GETS };
}

const key = (n: number) => `product:018f3c1e-0000-7000-8000-${String(n).padStart(12, '0')}`;

async function fill(cache: Cache): Promise<void> {
  for (let n = 0; n < KEYS; n++) {
    await cache.put(key(n), { version: 1, loadedAt: Date.now(), value: VALUE }, 3_600_000);
  }
}

const inMemory = (): Subject => ({
  name: 'memory',
  cache: createMemoryCache(),
  serverCpu: async () => 0,
  stop: async () => undefined,
});

async function inValkey(): Promise<Subject> {
  const server = await startValkey();
  // Patient: another process may have the machine.
  const cache = await openValkeyCache(await targetOf(server.url), { log: createLog(), timeoutMs: 10_000 });
  return {
    name: server.name,
    cache,
    serverCpu: async () => {
      const info = String(await server.admin('INFO', 'CPU'));
      const seconds = (kind: string) => Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)?.[1]);
      return 1e6 * (seconds('user') + seconds('sys'));
    },
    stop: async () => {
      await cache.close();
      await server.stop();
    },
  };
}

main(Number(process.argv[2] ?? 7)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

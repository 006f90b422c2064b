/**
 * CPU microseconds that a call between services takes beside the same method in the process, caller and callee together,
 * over TLS and connections that are kept: `npx tsx lab/bench/rpc.ts [rounds]`. Interleaved rounds, medians.
 */
import { pino } from 'pino';
import { serve } from '../../lambda/shared/http/serve';
import { createRpcClient } from '../../lambda/shared/rpc/client';
import { createRpcServer } from '../../lambda/shared/rpc/server';
import { usersContract } from '../../lambda/shared/rpc/users-contract';
import { insideName, makeCertificate } from '../../lib/compute/balancer/inside-certificate.steps';
import { median } from '../analysis/statistics';

const CALLS = 5000;
const AT_ONCE = 16;
const TOKEN = 'q2h4rT0dXk3m9v1ZbW5cYp8sL7nJ6gFfUeAaQwErTyU';

async function main(rounds: number): Promise<void> {
  const log = pino({ level: 'silent' });
  const methods = {
    identify: async () => ({ identity: { userId: 'somebody', role: 'customer' as const } }),
    names: async () => ({ names: {} }),
    document: async () => ({ document: '{}' }),
  };
  const { certificate, key } = await makeCertificate(insideName);
  const fetch = createRpcServer(usersContract, methods, { role: 'all', log });
  const { port, stop } = await serve({ fetch, log, port: 0, tls: { certificate, key } });
  const remote = createRpcClient(usersContract, {
    url: `https://127.0.0.1:${port}`,
    authority: certificate,
  });
  const variants = { 'in the process': methods.identify, 'by a call': remote.identify };
  const measured: Record<string, { us: number[]; ms: number[] }> = {};
  for (let n = 0; n <= rounds; n++) {
    for (const [name, identify] of Object.entries(variants)) {
      const { us, ms } = await round(() => identify({ token: TOKEN, from: 'copies' }));
      // The first round compiles code and opens connections.
      if (n === 0) continue;
      measured[name] ??= { us: [], ms: [] };
      measured[name].us.push(us);
      measured[name].ms.push(ms);
    }
  }
  for (const [name, { us, ms }] of Object.entries(measured))
    console.log(`${name}: ${median(us).toFixed(1)} µs of CPU, ${median(ms).toFixed(2)} ms at the median`);
  remote.close();
  await stop();
}

async function round(call: () => Promise<unknown>): Promise<{ us: number; ms: number }> {
  const before = process.cpuUsage();
  const times: number[] = [];
  const caller = async () => {
    for (let n = 0; n < CALLS / AT_ONCE; n++) {
      const started = performance.now();
      await call();
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  const { user, system } = process.cpuUsage(before);
  return { us: (user + system) / times.length, ms: median(times) };
}

void main(Number(process.argv[2] ?? 5));

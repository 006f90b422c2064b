/**
 * CPU microseconds a request of GET /api/products/{id} from memory, beside a bare node:http server that answers the
 * same bytes and logs the same line, beside one that logs nothing, and beside a shop that refuses the request. Interleaved
 * rounds, medians: `npx tsx lab/bench/read-path.ts [rounds]`.
 */
import { join } from 'node:path';
import { cpuOfRequests, printCpu } from './served-cpu';

const REQUESTS = 20_000;
const VARIANTS = ['silent', 'bare', 'shop', 'refusing'] as const;

async function main(rounds: number): Promise<void> {
  const program = join(__dirname, 'read-path-server.ts');
  const measured = await cpuOfRequests(program, VARIANTS, { rounds, requests: REQUESTS, connections: 16 });
  const [silent = 1, bare = 1, shop = 0] = printCpu(measured);
  console.log(
    `shop / bare: ${(shop / bare).toFixed(2)}, shop / silent: ${(shop / silent).toFixed(2)} (medians of ${rounds} rounds of ${REQUESTS})`,
  );
}

void main(Number(process.argv[2] ?? 11));

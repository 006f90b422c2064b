/**
 * CPU microseconds a request of GET /api/products/{id} from memory, beside a bare node:http server that answers the
 * same bytes and logs the same line, of a shop that counts reads and logs 1 % of them beside a bare one that logs nothing,
 * and of a shop that refuses the request. Interleaved rounds, medians: `npx tsx lab/bench/read-path.ts [rounds]`.
 */
import { join } from 'node:path';
import { cpuOfRequests, printCpu } from './served-cpu';

const REQUESTS = 20_000;
const VARIANTS = ['silent', 'bare', 'shop', 'sampled', 'refusing'] as const;

async function main(rounds: number): Promise<void> {
  const program = join(__dirname, 'read-path-server.ts');
  const measured = await cpuOfRequests(program, VARIANTS, { rounds, requests: REQUESTS, connections: 16 });
  const [silent = 1, bare = 1, shop = 0, sampled = 0] = printCpu(measured);
  const ratio = (one: number, other: number) => (one / other).toFixed(2);
  console.log(`shop / bare: ${ratio(shop, bare)}, sampled / silent: ${ratio(sampled, silent)}`);
}

void main(Number(process.argv[2] ?? 11));

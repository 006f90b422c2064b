/**
 * CPU time of the same work here and in Vendure, a shop in TypeScript for the same database: a product by its id, here
 * from memory and from rows (Vendure reads rows), and a cart of one product, which here is a reservation that holds
 * stock, and there a line of an order that holds none until it is paid. Each process on one MariaDB, interleaved rounds,
 * medians: `npx tsx lab/bench/vendure.ts [rounds]`. Installs Vendure into a temporary folder, from the npm registry.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMariaDb } from '../../test/support/mariadb';
import { cpuOfRequests, printCpu } from './served-cpu';

const VERSION = '3.7.3';
/** Of a round. An order of Vendure grows by two lines a round, and a shop's account may hold ten pieces of a product. */
const REQUESTS = 2000;
/** For more, the server of Vendure has no more requests that add a new line. */
const MOST_ROUNDS = 3;
const VARIANTS = [
  'product in memory',
  'product in rows',
  'reservation',
  'vendure product',
  'vendure cart',
] as const;

async function main(rounds: number): Promise<void> {
  if (!(rounds >= 1 && rounds <= MOST_ROUNDS))
    throw new Error(`Rounds are 1 to ${MOST_ROUNDS}, not ${rounds}`);
  const vendure = mkdtempSync(join(tmpdir(), 'vendure-'));
  const server = await startMariaDb();
  try {
    install(vendure);
    const program = join(__dirname, 'vendure-server.ts');
    const effort = { rounds, requests: REQUESTS, connections: 1 };
    const measured = await cpuOfRequests(program, VARIANTS, effort, [server.socket, vendure]);
    const [memory = 1, rows = 1, reservation = 1, product = 0, cart = 0] = printCpu(measured);
    console.log(
      [
        `A product: Vendure takes ${(product / memory).toFixed(0)} times as much as the shop from memory,`,
        `and ${(product / rows).toFixed(1)} times as much as from rows. A cart: ${(cart / reservation).toFixed(1)} times.`,
        `Medians of ${rounds} rounds of ${REQUESTS}, one request at a time, Vendure ${VERSION}`,
      ].join('\n'),
    );
  } finally {
    await server.stop();
    rmSync(vendure, { recursive: true });
  }
}

/** Without install scripts: its only native package has its binaries in it. */
function install(folder: string): void {
  console.log(`Installing @vendure/core ${VERSION}: about a minute`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const packages = [`@vendure/core@${VERSION}`, 'mysql2@3'];
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...packages];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm could not install Vendure: is its registry reachable?');
}

main(Number(process.argv[2] ?? 3)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

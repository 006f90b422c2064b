/**
 * CPU microseconds that the app takes for a profile and for a reservation on a MariaDB, beside a bare node:http server
 * that sends as few statements with the same driver, and logs the same line: one for a profile; for a reservation the
 * session, START TRANSACTION, the key, the product, the reservation, its item, the stock, COMMIT. Interleaved rounds,
 * medians: `npx tsx lab/bench/database-path.ts [rounds]`. One request at a time, so that no reservations share a
 * transaction, and then sixteen.
 */
import { join } from 'node:path';
import { startMariaDb } from '../../test/support/mariadb';
import { cpuOfRequests, printCpu } from './served-cpu';

/** An account may hold ten pieces of a product: 4,000 accounts have room for nine rounds and the first. */
const REQUESTS = 4000;
const VARIANTS = ['bare profile', 'profile', 'bare reservation', 'reservation'] as const;

async function main(rounds: number): Promise<void> {
  const program = join(__dirname, 'database-path-server.ts');
  for (const connections of [1, 16]) {
    const server = await startMariaDb();
    const effort = { rounds, requests: REQUESTS, connections };
    const measured = await cpuOfRequests(program, VARIANTS, effort, [server.socket]);
    await server.stop();
    console.log(`\n${connections} at a time, medians of ${rounds} rounds of ${REQUESTS}`);
    const [bareProfile = 1, profile = 0, bareReservation = 1, reservation = 0] = printCpu(measured);
    console.log(
      `profile / bare: ${(profile / bareProfile).toFixed(2)}, reservation / bare: ${(reservation / bareReservation).toFixed(2)}`,
    );
  }
}

void main(Number(process.argv[2] ?? 5));

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileMarker } from '../../../lambda/data-migration/placement/marker-file';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { cleanup } from '../../support/cleanup';
import { ROUNDS, random, SEED } from '../../support/rounds';
import { until } from '../../support/until';
import { describeMoves, type Servers, startServers } from './migration-servers';

const KILLS = 2 * (1 + ROUNDS);
/** The line that the process writes after a move; other lines are ids of writes. */
const MOVED = 'moved';

describeMoves('a process that is killed while it moves and writes', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine);
  });

  test(`loses no write that it acknowledged, and leaves the data where the marker says (SEED=${SEED})`, async () => {
    const sides = await servers.schema('killed', async (sql) => {
      const collation = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
      await sql.execute(
        `CREATE TABLE notes (id VARCHAR(60) PRIMARY KEY, text VARCHAR(60) UNIQUE) ${collation}`,
      );
      await sql.execute(
        `CREATE TABLE counters (id VARCHAR(60) PRIMARY KEY, value BIGINT NOT NULL) ${collation}`,
      );
    });
    for (const id of ['0', '1']) await sides.box.execute('INSERT INTO counters VALUES (?, 0)', [id]);
    const folder = servers.folder();
    const acknowledged: string[] = [];
    for (let run = 1; run <= KILLS; run++) {
      acknowledged.push(...(await runAndKill(`run${run}`, folder, sides.box.url, sides.managed.url)));
    }

    const marked = await fileMarker(join(folder, 'marker')).read();
    const sql: Sql = sides[marked?.placement.data ?? 'box'];
    const notes = (await sql.query<{ id: string }>('SELECT id FROM notes')).map(({ id }) => id);
    const there = new Set(notes);
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    // Nothing half of a transaction, nothing twice.
    const [sum] = await sql.query<{ total: number }>('SELECT SUM(value) AS total FROM counters');
    expect(sum?.total).toBe(notes.length);
    expect(Number(marked?.revision)).toBeGreaterThanOrEqual(2 * KILLS);
    console.info(
      `${acknowledged.length} writes acknowledged, ${marked?.revision} writes of the marker, ${KILLS} kills`,
    );
  });
});

/** Kills the process some time after its first move, and resolves to the writes that it acknowledged. */
async function runAndKill(
  ...args: [run: string, folder: string, box: string, managed: string]
): Promise<string[]> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'crash-recovery-process.ts'), ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  cleanup(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  const hasEnded = () => child.exitCode !== null;
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const lines = () => said.split('\n').length;
  await until(() => said.includes(MOVED) || hasEnded());
  const last = lines() + Math.floor(random() * 500);
  await until(() => lines() > last || hasEnded());
  child.kill('SIGKILL');
  await closed;
  return said
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== MOVED);
}

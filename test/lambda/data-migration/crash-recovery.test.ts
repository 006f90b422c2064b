import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  type CounterAnswer,
  type CounterRequest,
  counterModel,
  describeCounter,
} from '../../../lab/history/counter-model';
import { createRecorder, type Recorder } from '../../../lab/history/history';
import { inWords, judge } from '../../../lab/history/judge';
import { fileMarker } from '../../../lambda/data-migration/placement/marker-file';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { compiled } from '../../../local/compiled';
import { cleanup } from '../../support/cleanup';
import { ROUNDS, random, SEED } from '../../support/rounds';
import { until } from '../../support/until';
import { describeMoves, type Servers, startServers } from './migration-servers';

const KILLS = 2 * (1 + ROUNDS);
/** The line that the process writes after a move; other lines are those of calls. */
const MOVED = 'moved';

/** Of a call: what it asks for, or its answer. An increment has a key for its note and one for its counter. */
interface Line {
  readonly call: number;
  readonly client?: string;
  readonly kind?: CounterRequest['kind'];
  readonly keys?: readonly string[];
  readonly value?: number;
}

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
    const history = createRecorder<CounterRequest, CounterAnswer>(() => performance.now());
    for (let run = 1; run <= KILLS; run++)
      replay(await runAndKill(`run${run}`, folder, sides.box.url, sides.managed.url), run, history);

    const marked = await fileMarker(join(folder, 'marker')).read();
    const sql: Sql = sides[marked?.placement.data ?? 'box'];
    const notes = (await sql.query<{ id: string }>('SELECT id FROM notes')).map(({ id }) => id);
    const counters = await sql.query<{ id: string; value: number }>('SELECT id, value FROM counters');
    const there = new Map<string, number>([
      ...notes.map((id) => [`note ${id}`, 1] as const),
      ...counters.map(({ id, value }) => [`counter ${id}`, value] as const),
    ]);
    for (const key of new Set([...history.calls().map((call) => call.key), ...there.keys()]))
      history.begin('auditor', key, { kind: 'read' })({ kind: 'value', value: there.get(key) ?? 0 });
    const verdict = judge(history.calls(), { modelOf: () => counterModel, describe: describeCounter });
    expect(verdict).toMatchObject({ wrong: [], undecided: [] });
    // The history has the parts of a transaction; the sum says that none was made by half.
    expect(counters.reduce((sum, { value }) => sum + value, 0)).toBe(notes.length);
    expect(Number(marked?.revision)).toBeGreaterThanOrEqual(2 * KILLS);
    console.info(`${inWords(verdict)}; ${marked?.revision} writes of the marker, ${KILLS} kills`);
  });
});

/** Notes the calls of a process: those that its end left without an answer may have been made. */
function replay(
  lines: readonly string[],
  run: number,
  { begin }: Recorder<CounterRequest, CounterAnswer>,
): void {
  const begun = new Map<number, ((value: number) => void)[]>();
  for (const { call, client, kind, keys, value } of lines.map((line): Line => JSON.parse(line))) {
    if (kind)
      begun.set(
        call,
        (keys ?? []).map((key) => {
          const answered = begin(`${client} of run ${run}`, key, { kind });
          const isNote = key.startsWith('note');
          return (given) => answered(isNote ? { kind: 'done' } : { kind: 'value', value: given });
        }),
      );
    else for (const answered of begun.get(call) ?? []) answered(value ?? Number.NaN);
  }
}

/** Kills the process some time after its first move, and resolves to the lines of its calls. */
async function runAndKill(
  ...args: [run: string, folder: string, box: string, managed: string]
): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [...compiled('test/lambda/data-migration/crash-recovery-process.ts'), ...args],
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
  const last = lines() + Math.floor(random() * 1000);
  await until(() => lines() > last || hasEnded());
  child.kill('SIGKILL');
  await closed;
  return said
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== MOVED);
}

import { setTimeout as sleep, setInterval as ticks } from 'node:timers/promises';
import { answerOf, answerText } from './answers';
import type { Here, There } from './control';
import { addUp, isQuestion, QUESTIONS, type QuestionName } from './questions';
import type { WarehouseRow } from './warehouse';

export interface CommandOptions {
  readonly here: Here;
  readonly there: There;
  readonly out: { write(text: string): unknown };
  /** Epoch milliseconds. Default the system's clock. */
  readonly now?: () => number;
  /** Before it looks again for what the other side did. Default 1 s. */
  readonly pauseMs?: number;
  /** Between two looks at a step under way, which takes up to a quarter of an hour on AWS. Default 15 s. */
  readonly watchMs?: number;
}

/** `npm run warehouse -- status`: both halves. */
export async function showStatus({ here, there, out }: CommandOptions): Promise<void> {
  const [{ exported, leaving, keptFrom }, rows] = await Promise.all([here.status(), there.rows()]);
  const since =
    keptFrom === undefined ? 'all of its time' : `all since ${new Date(keptFrom).toISOString().slice(0, 10)}`;
  out.write(`The database has ${since}.\n`);
  out.write(`Exported: ${exported.rows} rows in ${exported.files} files of ${exported.batches} batches.\n`);
  if (leaving) out.write(`Leaving now: a batch that is ${leaving.state}, with ${leaving.files} files.\n`);
  const { ledger, reservations, items } = rows;
  out.write(`The warehouse has ${ledger} ledger lines, ${reservations} reservations and ${items} items.\n`);
}

/** `npm run warehouse -- run`: both sides in turn, until nothing is old enough. */
export async function runArchive(options: CommandOptions): Promise<void> {
  const { here, there, out, pauseMs = 1000 } = options;
  for (;;) {
    const state = await watched(here.advance(), options);
    out.write(`${state}: ${await soFar(here)}\n`);
    if (state === 'idle') return;
    const loaded = state === 'loading' ? await there.load() : 0;
    if (loaded > 0) out.write(`loaded and counted: ${loaded} batches\n`);
    else if (state === 'loading') await sleep(pauseMs);
  }
}

async function soFar(here: Here): Promise<string> {
  const { exported } = await here.status();
  return `${exported.rows} rows in ${exported.files} files`;
}

/** Shows how far a step is while it goes on. */
async function watched<Result>(
  step: Promise<Result>,
  { here, out, watchMs = 15_000 }: CommandOptions,
): Promise<Result> {
  const ended = new AbortController();
  const watch = async () => {
    let shown = '';
    for await (const _ of ticks(watchMs, undefined, { signal: ended.signal })) {
      const now = await soFar(here);
      if (now !== shown && !ended.signal.aborted) out.write(`  ${now}\n`);
      shown = now;
    }
  };
  // The step alone decides how the command ends.
  const watching = watch().catch(() => undefined);
  try {
    return await step;
  } finally {
    ended.abort();
    await watching;
  }
}

/** `npm run warehouse -- audit`: false if the stock is not what both halves of the ledger say. */
export async function audit({ here, there, out }: CommandOptions): Promise<boolean> {
  const { wrong, carried, open } = await here.audit();
  const sums = await there.balances(open);
  const products = [...new Set([...Object.keys(carried), ...Object.keys(sums)])].sort();
  const apart = products.filter((id) => (carried[id] ?? 0) !== (sums[id] ?? 0));
  for (const { productId, onHand, ledger } of wrong)
    out.write(`${productId}: ${onHand} on hand, and the ledger says ${ledger}\n`);
  for (const id of apart)
    out.write(`${id}: ${carried[id] ?? 0} carried forward, and the warehouse has ${sums[id] ?? 0}\n`);
  if (wrong.length + apart.length > 0) return false;
  out.write('The stock matches the ledger in both halves.\n');
  return true;
}

/** `npm run warehouse -- query "…"`: a saved question over both halves, or SQL in the warehouse alone. */
export async function query(options: CommandOptions, text: string): Promise<void> {
  const { there, out } = options;
  out.write(isQuestion(text) ? await answered(options, text) : rowsText(await there.query(text)));
}

async function answered({ here, there, now = Date.now }: CommandOptions, question: QuestionName) {
  const at = now();
  const sums = addUp(await Promise.all([here.ask(question, at), there.ask(question, at)]));
  const ids = answerOf(question, sums, new Map()).bars.map(({ label }) => label);
  const names = question === 'sold' ? {} : await here.names(ids);
  return `${QUESTIONS[question].title}\n\n${answerText(answerOf(question, sums, new Map(Object.entries(names))))}`;
}

function rowsText(rows: readonly WarehouseRow[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const text = (value: unknown) => (value === null ? 'NULL' : String(value));
  return answerText({ columns, rows: rows.map((row) => columns.map((name) => text(row[name]))), bars: [] });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { catchUp, lastChanges } from './changes';
import type { CheckResult, MoveResult, Report, TableComparison } from './control/progress';
import { withDeadline } from './deadline';
import { eachTable, photosPass, rowsPass, startWork, verify, type Work } from './passes';
import type { Place } from './placement/placement';
import type { PlacementLease } from './placement/placement-lease';
import type { Waited } from './placement/write-gate';
import type { ChangeLog } from './sync/change-log';
import { compareTable } from './sync/compare';
import type { Side } from './sync/endpoints';
import { CHUNK_ROWS } from './sync/sync-table';

export interface MoverOptions<At extends string = Place> {
  /** Two of them. */
  readonly sides: Readonly<Record<At, Side>>;
  readonly placed: PlacementLease<At>;
  /** Default: the gate of this process, which is the only one that writes. */
  readonly hold?: WriteHold<At>;
  /**
   * Of each side's only schema. With them, writes pause for the rows that changed since they were compared; without
   * them, for a comparison of all rows.
   */
  readonly changeLogs?: Readonly<Record<At, ChangeLog>> | undefined;
  /** The side that can be dropped once the data has left it and the way back is closed. Idempotent. Default: none. */
  readonly droppable?: { readonly side: At; readonly drop: () => Promise<void> };
  /** Rows per comparison. Default 1,000. */
  readonly chunkRows?: number;
  /** Maximum time to pause writes. After it, the move fails and the data has not moved. Default one minute. */
  readonly longestFreezeMs?: number;
}

/** Keeps writes from the data while its last changes are copied. */
export interface WriteHold<At extends string> {
  /** Resolves once no write reaches the side that has the data. */
  close(from: At): Promise<void>;
  /** Lets writes through to the side that has the data, and to no other: also after a run that was killed. */
  settle(data: () => At): Promise<Waited>;
}

interface Running {
  readonly report: Report;
  /** Aborts the work at the next consistent point. */
  readonly signal?: AbortSignal;
}

/** Moves the shop's data while the shop runs. One command at a time. */
export interface Mover<At extends string = Place> {
  /**
   * Copies the data to `to`, pauses writes for the last changes, verifies, and switches the marker. After any error,
   * the data is where the marker says, and the next attempt continues with the copied data.
   * @throws VerificationFailedError, SchemasDifferError, UnsupportedTableError, StillWritingError, FreezeTooLongError,
   * WayBackClosedError
   */
  move(to: At, by: string, running: Running): Promise<MoveResult>;
  /** Compares both sides and changes nothing, while the shop runs. */
  check(running: Running): Promise<CheckResult>;
  /** The current place of the data. */
  data(): At;
  /** Closes the way back and drops the side that was left. Absent where it is kept. @throws DataThereError */
  drop?(by: string, running: Running): Promise<void>;
}

/** A pass that changed at most this many rows is followed by the last one, with writes paused. */
const FEW_ROWS = 200;
/** Time for writes in flight to end before the freeze is aborted. */
const DRAIN_MS = 5_000;
/** Between two comparisons of differing rows. */
const RETRY_DELAY_MS = 500;

/** The side that was to be dropped has the data. */
export class DataThereError extends Error {
  override name = 'DataThereError';
}

export function createMover<At extends string = Place>(options: MoverOptions<At>): Mover<At> {
  const { sides, placed, changeLogs, droppable, chunkRows = CHUNK_ROWS, longestFreezeMs = 60_000 } = options;
  const { hold = gateOf(placed) } = options;
  const otherThan = (at: At): At => (Object.keys(sides) as At[]).find((side) => side !== at) ?? at;

  const start = (from: At, { report, signal = new AbortController().signal }: Running): Promise<Work> =>
    startWork({ from: sides[from], to: sides[otherThan(from)], chunkRows, report, signal });

  /** With writes paused, nothing else changes, so one pass makes both sides identical. */
  const lastPass = async (work: Work, pass: number, from: At) => {
    const last = changeLogs
      ? await lastChanges(work, changeLogs[from], pass)
      : { rows: await rowsPass(work, 'last rows', pass), tables: await verify(work, pass) };
    work.signal.throwIfAborted();
    return last;
  };

  /** Also removes what a killed run has left. */
  const endNotes = async () => {
    for (const log of Object.values<ChangeLog>(changeLogs ?? {})) await log.end();
  };

  const frozen = async (work: Work, pass: number, to: At, by: string) => {
    await work.report({ step: 'freeze', pass, done: 0, total: 0 });
    const since = performance.now();
    const waited: Waited[] = [];
    const from = otherThan(to);
    try {
      await hold.close(from);
      const last = await withDeadline(longestFreezeMs, work.signal, (signal) =>
        lastPass({ ...work, signal }, pass, from),
      );
      await work.report({ step: 'switch', pass, done: 0, total: 0 });
      await placed.flip(to, by);
      waited.push(await hold.settle(placed.current));
      return { ...last, frozenMs: Math.round(performance.now() - since), ...waited[0] };
    } finally {
      if (waited.length === 0) await hold.settle(placed.current);
    }
  };

  const drop: Mover<At>['drop'] =
    droppable &&
    (async (by, { report }) => {
      if (placed.current() === droppable.side)
        throw new DataThereError('The data is still there: move it first');
      await report({ step: 'drop', pass: 0, done: 0, total: 0 });
      await hold.settle(placed.current);
      await placed.close(by);
      await droppable.drop();
    });

  return {
    data: placed.current,
    ...(drop && { drop }),

    move: async (to, by, running) => {
      await placed.mayFlip(to);
      await hold.settle(placed.current);
      await endNotes();
      const from = otherThan(to);
      const work = await start(from, running);
      if (placed.current() === to) return { ...NOTHING, to, ...(await stragglers(work, 1)) };
      const log = changeLogs?.[from];
      try {
        await log?.begin(work.pairs.map(({ pair }) => pair.table));
        const live = await livePasses(work);
        const passes = live.passes + 1;
        const caughtUp = log ? await catchUp(work, log, passes) : 0;
        const { rows, ...last } = await frozen(work, passes, to, by);
        const files = await stragglers(work, passes);
        const rowsCarried = live.rows + caughtUp + rows;
        return { to, moved: true, passes, rowsCarried, ...NO_WAIT, ...last, ...files };
      } finally {
        // A trigger that stays costs a little at each write, until the next run removes it.
        await endNotes().catch(() => undefined);
      }
    },

    check: async (running) => {
      const started = performance.now();
      const data = placed.current();
      const work = await start(data, running);
      const tables: TableComparison[] = [];
      await eachTable(work, 'rows', 1, async ({ name, pair }, chunks) => {
        const lookAgain = async () => {
          await work.report({ step: 'recheck', pass: 1, table: name, done: 0, total: 0 });
          await sleep(RETRY_DELAY_MS);
        };
        tables.push({ name, ...(await compareTable(pair, chunks, lookAgain)) });
      });
      const { files, bytes, different } = await photosPass(work, 'compare', 1);
      const same = different === 0 && tables.every((table) => table.different + table.inMotion === 0);
      const ms = Math.round(performance.now() - started);
      return { data, same, tables, files, bytes, differentFiles: different, ms };
    },
  };
}

/** Repeats until few rows change, or about as many as before: those are the writes of the shop during a pass. */
async function livePasses(work: Work): Promise<{ rows: number; passes: number }> {
  let rows = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let passes = 1; ; passes++) {
    const changed = await rowsPass(work, 'rows', passes);
    rows += changed;
    await photosPass(work, 'mirror', passes);
    if (changed <= FEW_ROWS || changed > before / 2) return { rows, passes };
    before = changed;
  }
}

/** Copies files that arrived on the former side since the last listing; until now they were read from there. */
async function stragglers(work: Work, pass: number): Promise<{ files: number; bytes: number }> {
  const { files, bytes } = await photosPass(work, 'add', pass);
  return { files, bytes };
}

const NO_WAIT: Waited = { held: 0, refused: 0 };

const gateOf = <At extends string>({ gate }: Pick<PlacementLease<At>, 'gate'>): WriteHold<At> => ({
  close: () => gate.close(DRAIN_MS),
  settle: async () => gate.open(),
});

const NOTHING = {
  moved: false,
  passes: 0,
  rowsCarried: 0,
  tables: [],
  frozenMs: 0,
  held: 0,
  refused: 0,
} as const;

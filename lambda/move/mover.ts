import { setTimeout as sleep } from 'node:timers/promises';
import { CHUNK_ROWS } from './carry';
import { compareTable } from './compare';
import { inTime } from './in-time';
import { eachTable, photosPass, rowsPass, startWork, verify, type Work } from './passes';
import type { Placed } from './placed';
import type { Place } from './placement';
import type { CheckResult, MoveResult, Report, TableComparison } from './progress';
import type { Side } from './sides';

export interface MoverOptions {
  readonly sides: Readonly<Record<Place, Side>>;
  readonly placed: Placed;
  /** Rows that are compared at once. Default 1,000. */
  readonly chunkRows?: number;
  /** The longest that writes may be held before the move gives up, the data where it was. Default one minute. */
  readonly longestFreezeMs?: number;
}

interface Running {
  readonly report: Report;
  /** Ends the work at the next moment at which nothing is half done. */
  readonly signal?: AbortSignal;
}

/** Carries the shop's data while the shop runs. One command at a time. */
export interface Mover {
  /**
   * Makes `to` like the side that has the data, holds writes for the last of it, verifies, and flips the marker.
   * Whatever it throws, the data is where the marker says, and the next try goes on from what was carried.
   * @throws VerificationFailedError, SchemasDifferError, UnsupportedTableError, StillWritingError, FreezeTooLongError,
   * WayBackClosedError
   */
  move(to: Place, by: string, running: Running): Promise<MoveResult>;
  /** Compares both sides and changes nothing, while the shop runs. */
  check(running: Running): Promise<CheckResult>;
  /** Where the data is now. */
  data(): Place;
}

/** A pass that changed no more rows than this is followed by the last one, with writes held. */
const FEW_ROWS = 200;
/** What a write in flight may still take before the freeze is given up. */
const DRAIN_MS = 5_000;
/** Between two looks at rows that differ. */
const LOOK_AGAIN_MS = 500;

export function createMover(options: MoverOptions): Mover {
  const { sides, placed, chunkRows = CHUNK_ROWS, longestFreezeMs = 60_000 } = options;

  const start = (from: Place, { report, signal = new AbortController().signal }: Running): Promise<Work> =>
    startWork({ from: sides[from], to: sides[otherThan(from)], chunkRows, report, signal });

  /** With writes held, nothing changes but by this: one pass, and both sides are the same. */
  const lastPass = async (work: Work, pass: number) => {
    const rows = await rowsPass(work, 'last rows', pass);
    const tables = await verify(work, pass);
    work.signal.throwIfAborted();
    return { rows, tables };
  };

  const frozen = async (work: Work, pass: number, to: Place, by: string) => {
    await work.report({ step: 'freeze', pass, done: 0, total: 0 });
    const since = performance.now();
    await placed.gate.close(DRAIN_MS);
    try {
      const last = await inTime(longestFreezeMs, work.signal, (signal) =>
        lastPass({ ...work, signal }, pass),
      );
      await work.report({ step: 'switch', pass, done: 0, total: 0 });
      await placed.flip(to, by);
      return { ...last, frozenMs: Math.round(performance.now() - since), ...placed.gate.open() };
    } finally {
      placed.gate.open();
    }
  };

  return {
    data: placed.current,

    move: async (to, by, running) => {
      await placed.mayFlip(to);
      const work = await start(otherThan(to), running);
      if (placed.current() === to) return { ...NOTHING, to, ...(await stragglers(work, 1)) };
      const live = await livePasses(work);
      const passes = live.passes + 1;
      const { rows, ...last } = await frozen(work, passes, to, by);
      const files = await stragglers(work, passes);
      return { to, moved: true, passes, rowsCarried: live.rows + rows, ...last, ...files };
    },

    check: async (running) => {
      const started = performance.now();
      const data = placed.current();
      const work = await start(data, running);
      const tables: TableComparison[] = [];
      await eachTable(work, 'rows', 1, async ({ name, pair }, chunks) => {
        const lookAgain = async () => {
          await work.report({ step: 'recheck', pass: 1, table: name, done: 0, total: 0 });
          await sleep(LOOK_AGAIN_MS);
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

/** Until little changes any more, or as much as before: then it is what the shop writes during a pass. */
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

/** Files that came to the side that was left since the last listing: found there until now, brought along here. */
async function stragglers(work: Work, pass: number): Promise<{ files: number; bytes: number }> {
  const { files, bytes } = await photosPass(work, 'add', pass);
  return { files, bytes };
}

const otherThan = (place: Place): Place => (place === 'box' ? 'managed' : 'box');

const NOTHING = {
  moved: false,
  passes: 0,
  rowsCarried: 0,
  tables: [],
  frozenMs: 0,
  held: 0,
  refused: 0,
} as const;

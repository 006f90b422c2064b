import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  FIRST,
  type Marked,
  type Marker,
  MarkerChangedError,
  type Place,
  type Placement,
  WayBackClosedError,
} from './placement';
import { createWriteGate, type WriteGate } from './write-gate';

const RETRY_DELAY_MS = 1000;

/** Another process moved the data, so this one must be restarted. */
export class PlacementLostError extends Error {
  override name = 'PlacementLostError';
}

/** The placement of the data, as this process follows it. Exactly one process serves while data can move. */
export interface PlacementLease<At extends string = Place> {
  /** @throws PlacementLostError */
  current(): At;
  /** Every write that follows the placement passes this gate. */
  readonly gate: WriteGate;
  /**
   * Checks if a switch would be allowed now, before anything is copied.
   * @throws WayBackClosedError, or MarkerChangedError if another process has started since
   */
  mayFlip(data: At): Promise<void>;
  /**
   * Stores the new placement and follows it; requires a closed gate. Settles once the outcome is certain, however long
   * the marker's store takes to answer.
   * @throws WayBackClosedError, or MarkerChangedError if another process has started since; the data has not moved
   */
  flip(data: At, by: string): Promise<void>;
  /** Closes the way back for good. Idempotent. @throws MarkerChangedError if another process has started since */
  close(by: string): Promise<void>;
}

/**
 * Rewrites the marker with this process as its holder. From then on, switches by earlier processes are refused, even
 * writes that are still in flight (decision 0082).
 */
export function acquirePlacementLease(marker: Marker, gate?: WriteGate): Promise<PlacementLease> {
  return acquireLease(marker, FIRST, gate);
}

/** The same for any two sides; `first`: the placement while there is no marker. */
export async function acquireLease<At extends string>(
  marker: Marker<At>,
  first: Placement<At>,
  gate: WriteGate = createWriteGate(),
): Promise<PlacementLease<At>> {
  const holder = randomUUID();
  let marked = await claim(marker, first, holder);
  let lost = false;

  const current = (): At => {
    if (!lost) return marked.placement.data;
    throw new PlacementLostError('Another process moved the data: restart this one');
  };

  /** Determines the outcome of a switch without a response. Rewriting the marker makes a late write fail. */
  const certain = async (): Promise<Marked<At>> => {
    for (;;) {
      try {
        return await claim(marker, first, holder);
      } catch {
        await sleep(RETRY_DELAY_MS);
      }
    }
  };

  return {
    current,
    gate,
    mayFlip: async (data) => {
      if (data === current()) return;
      const found = await marker.read();
      if (found?.placement.holder !== holder) throw new MarkerChangedError();
      // A deploy's guard may have closed or reopened the way back.
      marked = found;
      mustBeOpen(marked.placement);
    },
    flip: async (data, by) => {
      mustBeOpen(marked.placement);
      const next = { data, since: new Date().toISOString(), by, holder };
      try {
        marked = await marker.write(next, marked);
      } catch (error) {
        if (error instanceof MarkerChangedError) {
          const found = await readAtLast(marker, first);
          lost = found.data !== current();
          mustBeOpen(found);
          throw error;
        }
        marked = await certain();
        if (marked.placement.data !== data) throw error;
      }
    },
    close: async (by) => {
      if (marked.placement.closed) return;
      marked = await marker.write({ ...marked.placement, by, closed: true }, marked);
    },
  };
}

function mustBeOpen({ closed }: Placement<string>): void {
  if (closed) throw new WayBackClosedError();
}

async function claim<At extends string>(
  marker: Marker<At>,
  first: Placement<At>,
  holder: string,
): Promise<Marked<At>> {
  for (;;) {
    const found = await marker.read();
    try {
      return await marker.write({ ...(found?.placement ?? first), holder }, found);
    } catch (error) {
      if (!(error instanceof MarkerChangedError)) throw error;
    }
  }
}

async function readAtLast<At extends string>(
  marker: Marker<At>,
  first: Placement<At>,
): Promise<Placement<At>> {
  for (;;) {
    try {
      return (await marker.read())?.placement ?? first;
    } catch {
      await sleep(RETRY_DELAY_MS);
    }
  }
}

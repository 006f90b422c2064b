import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGate, type Gate } from './gate';
import {
  FIRST,
  type Marked,
  type Marker,
  MarkerChangedError,
  type Place,
  type Placement,
  WayBackClosedError,
} from './placement';

const AGAIN_AFTER_MS = 1000;

/** This process no longer knows where the data is: another one moved it. It has to be started again. */
export class PlacementLostError extends Error {
  override name = 'PlacementLostError';
}

/** Where the data of this running process is. Exactly one process serves while data can move. */
export interface Placed {
  /** @throws PlacementLostError */
  current(): Place;
  /** In front of every write that follows the placement. */
  readonly gate: Gate;
  /**
   * Before anything is carried there: whether a flip would be let through, as things are.
   * @throws WayBackClosedError, and MarkerChangedError when another process started since
   */
  mayFlip(data: Place): Promise<void>;
  /**
   * Stores that the data is there and follows it; only with the gate closed. Ends when the outcome is certain, however long
   * the marker's store takes to answer.
   * @throws WayBackClosedError, and MarkerChangedError when another process started since; the data has stayed
   */
  flip(data: Place, by: string): Promise<void>;
}

/**
 * Reads the marker and writes it again, as it is but for its holder: from then on a flip by any process that started
 * before, and a write of its that is still on its way, are refused (docs/decisions/0082).
 */
export async function claimPlacement(marker: Marker, gate: Gate = createGate()): Promise<Placed> {
  const holder = randomUUID();
  let marked = await claim(marker, holder);
  let lost = false;

  const current = (): Place => {
    if (!lost) return marked.placement.data;
    throw new PlacementLostError('Another process moved the data: start this one again');
  };

  /** What came of a flip that did not say: writing the marker anew keeps a late one from happening. */
  const certain = async (): Promise<Marked> => {
    for (;;) {
      try {
        return await claim(marker, holder);
      } catch {
        await sleep(AGAIN_AFTER_MS);
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
      // The guard of a deploy may have closed the way back, or opened it again.
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
          const found = await readAtLast(marker);
          lost = found.data !== current();
          mustBeOpen(found);
          throw error;
        }
        marked = await certain();
        if (marked.placement.data !== data) throw error;
      }
    },
  };
}

function mustBeOpen({ closed }: Placement): void {
  if (closed) throw new WayBackClosedError();
}

async function claim(marker: Marker, holder: string): Promise<Marked> {
  for (;;) {
    const found = await marker.read();
    try {
      return await marker.write({ ...(found?.placement ?? FIRST), holder }, found);
    } catch (error) {
      if (!(error instanceof MarkerChangedError)) throw error;
    }
  }
}

async function readAtLast(marker: Marker): Promise<Placement> {
  for (;;) {
    try {
      return (await marker.read())?.placement ?? FIRST;
    } catch {
      await sleep(AGAIN_AFTER_MS);
    }
  }
}

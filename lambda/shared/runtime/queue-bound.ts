export interface QueueBoundOptions {
  /** The most that may wait, however fast the queue moves. */
  readonly waiting: number;
  /** The longest time, in milliseconds, that the last one may expect to wait. Default: any. */
  readonly waitMs?: number | undefined;
}

/** This many may always wait: bursts are shorter than the time that a pace is learned from. */
const LEAST = 10;
/** Part of a new interval in the average. */
const WEIGHT = 0.1;
/** A longer interval counts as this one. */
const LONGEST_MS = 100;
/** A longer interval is an outage, which says nothing about the pace. */
const OUTAGE_MS = 1000;

export interface QueueBound {
  /** True if one more would wait too long, behind so many others. @param room factor for more important work */
  isFull(waiting: number, room?: number): boolean;
  /** Call when one has left the queue for a place; `waiting` are still in it. */
  moved(waiting: number): void;
}

/**
 * Bounds a queue by its length and by its pace. A dependency that becomes slow has fewer in its queue, so that those who
 * are admitted are answered in time. A dependency that is down has no pace: they wait for it as long as they may.
 */
export function createQueueBound(
  { waiting: most, waitMs = Number.POSITIVE_INFINITY }: QueueBoundOptions,
  ticks: () => number = () => performance.now(),
): QueueBound {
  /** The average time between two that leave a queue in which others still wait. */
  let paceMs = 0;
  let movedAt: number | undefined;
  return {
    isFull: (waiting, room = 1) => {
      const inTime = paceMs === 0 ? most : waitMs / paceMs;
      return waiting >= room * Math.min(most, Math.max(LEAST, inTime));
    },
    moved: (waiting) => {
      const now = ticks();
      const interval = movedAt === undefined ? OUTAGE_MS : now - movedAt;
      if (interval < OUTAGE_MS) paceMs += WEIGHT * (Math.min(LONGEST_MS, interval) - paceMs);
      movedAt = waiting > 0 ? now : undefined;
    },
  };
}

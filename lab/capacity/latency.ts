import { type Quantity, quantity } from '../../review/cost/units';
import type { Rate } from './load';

/** Reading 1 MB in sequence: the latency numbers of the exercise. */
const MEMORY_MICROSECONDS = 250;
const MEDIA = [
  { name: 'memory', microsecondsOfMegabyte: MEMORY_MICROSECONDS },
  { name: 'SSD', microsecondsOfMegabyte: 4 * MEMORY_MICROSECONDS },
  { name: 'disk', microsecondsOfMegabyte: 80 * MEMORY_MICROSECONDS },
] as const;

export type Medium = (typeof MEDIA)[number]['name'];

/** A medium that is busy for more of each second makes reads queue. */
const BUSY_AT_MOST = 0.1;

export interface Reading {
  readonly medium: Medium;
  /** For which one device is busy in each second of reads. */
  readonly busy: Quantity<'ms'>;
}

/** The time that each medium needs for a second of reads, at its best: in sequence and without seeks. */
export function readings(readsASecond: Rate, kilobytes: number): Reading[] {
  const megabytes = (readsASecond * kilobytes) / 1000;
  return MEDIA.map(({ name, microsecondsOfMegabyte }) => ({
    medium: name,
    busy: quantity('ms', (megabytes * microsecondsOfMegabyte) / 1000),
  }));
}

/** The slowest and cheapest medium that is not busy too long; memory, when none is. */
export function mediumFor(readsASecond: Rate, kilobytes: number): Medium {
  const fast = readings(readsASecond, kilobytes).filter(({ busy }) => busy <= BUSY_AT_MOST * 1000);
  return fast.at(-1)?.medium ?? 'memory';
}

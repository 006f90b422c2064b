import { createHash } from 'node:crypto';
import { median } from '../analysis/statistics';

const BYTES = Buffer.alloc(256 * 1024, 'lab');
const TIMES = 15;

/**
 * CPU microseconds of one fixed computation: the speed of a core at this moment. Neighbours on a shared machine slow it
 * down, and demands with it, so figures that were measured at different paces are not compared.
 */
export function pace(): number {
  return median(
    Array.from({ length: TIMES }, () => {
      const before = process.cpuUsage();
      createHash('sha256').update(BYTES).digest();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    }),
  );
}

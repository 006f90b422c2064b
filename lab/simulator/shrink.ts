import type { Plan, Shape } from './plan';

/** Tries of one failure: each runs a history. */
const MOST_TRIES = 300;

/**
 * The smallest plan that was found to fail too: operations and faults are left out, a half of them at first and one at
 * a time in the end, and the shop is made simpler.
 */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let smallest = plan;
  let tries = 0;
  const attempt = async (smaller: Plan) => {
    if (tries++ >= MOST_TRIES || !(await fails(smaller))) return false;
    smallest = smaller;
    return true;
  };
  const without = async (member: 'operations' | 'faults') => {
    for (let size = Math.ceil(smallest[member].length / 2); size >= 1; size = size > 1 ? size >> 1 : 0) {
      for (let from = 0; from < smallest[member].length; ) {
        const rest = smallest[member].filter((_, place) => place < from || place >= from + size);
        if (!(await attempt({ ...smallest, [member]: rest }))) from += size;
      }
    }
  };
  for (let before = -1; before !== sizeOf(smallest); ) {
    before = sizeOf(smallest);
    await without('faults');
    await without('operations');
    for (const simpler of SIMPLER) await attempt({ ...smallest, shape: { ...smallest.shape, ...simpler } });
  }
  return smallest;
}

const sizeOf = ({ operations, faults }: Plan) => operations.length + faults.length;

const SIMPLER: readonly Partial<Shape>[] = [
  { hasCache: false },
  { replicas: 0 },
  { readers: 1 },
  { writers: 1 },
  { coalesced: false },
  { quietMs: 2500 },
];

import { createMover, type Mover, type MoverOptions, type WriteHold } from '../mover';
import type { Marker } from '../placement/placement';
import { acquireLease } from '../placement/placement-lease';
import type { Fence } from './fence';
import { AT_FIRST, type Home } from './home';

export interface FederationOptions extends Pick<MoverOptions<Home>, 'chunkRows' | 'longestFreezeMs'> {
  readonly marker: Marker<Home>;
  /** Opened by an administrator, whom no fence stops. */
  readonly sides: MoverOptions<Home>['sides'];
  /** Without them, writes wait for a comparison of all rows. */
  readonly changeLogs?: MoverOptions<Home>['changeLogs'];
  /** Both are locked for this mover. */
  readonly fences: Readonly<Record<Home, Fence>>;
}

/**
 * Moves the schema `users` to a cluster of its own, and back, while any number of processes use it. At each moment at
 * most one side takes writes, and none takes any until the other one refuses reads.
 */
export async function createFederation(options: FederationOptions): Promise<Mover<Home>> {
  const { marker, fences, ...rest } = options;
  const placed = await acquireLease(marker, AT_FIRST);
  const hold: WriteHold<Home> = {
    close: (from) => fences[from].refuseWrites(),
    settle: async (data) => {
      const at = data();
      await fences[at === 'own' ? 'shared' : 'own'].refuseAll();
      await fences[at].admit();
      return { held: 0, refused: 0 };
    },
  };
  return createMover<Home>({
    ...rest,
    placed,
    hold,
    droppable: { side: 'shared', drop: fences.shared.drop },
  });
}

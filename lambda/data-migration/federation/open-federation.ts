import type { Logger } from '../../shared/runtime/log';
import type { Sql } from '../../shared/sql/sql';
import type { Mover } from '../mover';
import type { Marker } from '../placement/placement';
import { type ChangeLog, openChangeLog } from '../sync/change-log';
import { createFederation } from './federation';
import { type Fence, type FenceOptions, openFence } from './fence';
import type { Home } from './home';

/** The ways to the schema on one cluster. */
export interface HomeAccess {
  readonly fence: FenceOptions;
  /** Opens the schema as its administrator. */
  readonly open: () => Promise<Sql>;
}

export interface OpenFederationOptions {
  readonly marker: Marker<Home>;
  readonly homes: Readonly<Record<Home, HomeAccess>>;
  readonly log: Logger;
}

export interface OpenedFederation {
  readonly mover: Mover<Home>;
  close(): Promise<void>;
}

type Closing = ChangeLog | Fence | Sql;

/** Opens both sides and locks them for this mover. @throws MoverRunningError if another one has them */
export async function openFederation({
  marker,
  homes,
  log,
}: OpenFederationOptions): Promise<OpenedFederation> {
  const opened: Closing[] = [];
  const close = async () => {
    for (const each of opened.splice(0).reverse())
      await each.close().catch((error: unknown) => log.warn({ err: error }, 'federate: could not close'));
  };
  const keep = <Each extends Closing>(each: Each): Each => {
    opened.push(each);
    return each;
  };
  try {
    const fences = {
      shared: keep(await openFence(homes.shared.fence)),
      own: keep(await openFence(homes.own.fence)),
    };
    const sides = {
      shared: { schemas: { users: keep(await homes.shared.open()) } },
      own: { schemas: { users: keep(await homes.own.open()) } },
    };
    const changeLogs = {
      shared: keep(await openChangeLog(homes.shared.fence)),
      own: keep(await openChangeLog(homes.own.fence)),
    };
    return { mover: await createFederation({ marker, fences, sides, changeLogs }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

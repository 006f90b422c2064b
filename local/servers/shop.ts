import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../lambda/shared/log';
import type { Fetch } from '../../lambda/shared/serve';
import type { Phase } from '../../lib/phases';
import { CannotRunError } from '../errors';
import { inFolder, short } from '../folder';
import { hasManagedSide } from '../phase';
import type { Row } from '../screen';
import type { LocalShop } from '../shop';
import { binariesOf } from './binaries';
import { openOneBox } from './one-box';
import { placementIn } from './placement';
import { createServers } from './processes';
import { stock } from './stock';
import { openTiers } from './tiers';

export interface ServedOptions {
  readonly phase: Phase;
  readonly log: Logger;
  /** Tells people how starting goes. */
  readonly say: (line: string) => void;
  /** Resolves when nobody wants the shop any more. */
  readonly stopped: Promise<unknown>;
}

/** What runs of a phase. */
export interface OpenedPhase {
  /** The whole shop: pages, photos, API. */
  readonly fetch: Fetch;
  readonly usersDatabase: string;
  readonly runsOn: readonly Row[];
}

/**
 * The shop of a phase on servers of its own, whose data and logs are below `<folder>/servers`. A phase begins with what the
 * one before it left, as a deploy does.
 * @throws CannotRunError
 */
export async function openServedShop(
  folder: string,
  { phase, log, say, stopped }: ServedOptions,
): Promise<LocalShop> {
  const binaries = binariesOf(phase);
  const { servers: home, record } = inFolder(folder);
  const stocked = join(home, 'stocked');
  const isNew = !existsSync(stocked);
  // What is there was made by a first start that was cut off, and nobody has used it.
  if (isNew) rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const data = placementIn(home);
  if (data === 'managed' && !hasManagedSide(phase)) throw movedAlready(phase);
  if (data === 'box' && phase.tiers !== 'none' && !isNew) throw notMoved(phase, folder);

  const servers = createServers(record, stopped);
  try {
    const host = { servers, home, binaries: binaries.mariaDb, say };
    const { fetch, usersDatabase, runsOn } = await (phase.tiers === 'none'
      ? openOneBox(host, phase, data, folder)
      : openTiers(host, binaries.nginx, isNew));
    if (isNew) {
      say('Stocking the shelves');
      await stock(fetch, usersDatabase, log);
      writeFileSync(stocked, '');
    }
    return { fetch, isNew, folder: home, runsOn, broken: servers.broken, close: servers.stop };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

const movedAlready = ({ number }: Phase) =>
  new CannotRunError(
    `Phase ${number} keeps its data on the box, and it was moved from there. Bring it back first: npm start -- --phase 2 --servers, and beside it npm run move -- --local --back.`,
  );

const notMoved = ({ number }: Phase, folder: string) =>
  new CannotRunError(
    `Phase ${number} has its data in Aurora and S3, and that of ${short(folder)} is on the box. Move it first: npm start -- --phase 2 --servers, and beside it npm run move -- --local.`,
  );

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../lambda/shared/runtime/log';
import type { Phase } from '../../lib/phases';
import { dataDirPaths, short } from '../data-dir';
import { CannotRunError } from '../errors';
import { hasManagedSide } from '../phase';
import type { LocalShop } from '../shop';
import { binariesOf } from './binaries';
import { writerIn } from './cluster';
import { openOneBox } from './one-box';
import type { OpenedPhase } from './opened-phase';
import { placementIn, usersPlacementIn } from './placement';
import { createServers } from './processes';
import { seedShop } from './seed-shop';
import { openTiers } from './tiers';

export interface ServedOptions {
  readonly phase: Phase;
  readonly log: Logger;
  /** Prints the progress of the start. */
  readonly say: (line: string) => void;
  /** Resolves when the shop shall stop. */
  readonly stopped: Promise<unknown>;
}

/**
 * The shop of a phase on its own servers, with data and logs in `<folder>/servers`. A phase starts with the data of the
 * previous one, as a deployment does.
 * @throws CannotRunError
 */
export async function openServedShop(
  folder: string,
  { phase, log, say, stopped }: ServedOptions,
): Promise<LocalShop> {
  const binaries = binariesOf(phase);
  const { servers: home, record } = dataDirPaths(folder);
  const stocked = join(home, 'stocked');
  const isNew = !existsSync(stocked);
  // An interrupted first start left this, and nobody has used it.
  if (isNew) rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const data = placementIn(home);
  const dataFolder = join(home, data === 'box' ? 'box' : writerIn(home), 'data');
  if (!isNew && !existsSync(dataFolder)) throw missing(dataFolder);
  if (data === 'managed' && !hasManagedSide(phase)) throw movedAlready(phase);
  if (usersPlacementIn(home) === 'own' && phase.usersDatabase === 'shared') throw usersMoved(phase);
  if (data === 'box' && phase.tiers !== 'none' && !isNew) throw notMoved(phase, folder);

  const servers = createServers(record, stopped);
  let stopScaling: OpenedPhase['stopScaling'];
  const close = async () => {
    await stopScaling?.();
    await servers.stop();
  };
  try {
    const host = { servers, home, binaries: binaries.mariaDb, say };
    const opened = await (phase.tiers === 'none'
      ? openOneBox(host, phase, data, folder)
      : openTiers(host, phase, binaries, isNew));
    const { fetch, usersDatabase, runsOn } = opened;
    stopScaling = opened.stopScaling;
    if (isNew) {
      say('Adding sample products');
      await seedShop(fetch, usersDatabase, log);
      writeFileSync(stocked, '');
    }
    const files = [stocked, ...DATA.map((path) => join(home, path))];
    return { fetch, isNew, folder: home, files, runsOn, broken: servers.broken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Of all servers; each phase has some of them. */
const DATA = [
  'box/data',
  'aurora/data',
  'standby/data',
  'reader/data',
  'media',
  's3',
  'dynamodb',
  'users-cluster/data',
  'users-shard-2/data',
];

const missing = (path: string) =>
  new CannotRunError(
    `The database ${path} is missing. Nothing was changed. Put a good copy in its place, or start over with an empty shop: npm run reset.`,
  );

const movedAlready = ({ number }: Phase) =>
  new CannotRunError(
    `Phase ${number} keeps its data on the box, but this data was moved to Aurora and S3. Move it back first: run npm start -- --phase 2 --servers and, in another terminal, npm run move -- --local --back.`,
  );

const usersMoved = ({ number }: Phase) =>
  new CannotRunError(
    `Phase ${number} keeps its users beside inventory, but they were moved to a cluster of their own. Move them back first: run npm start -- --phase 6 --servers and, in another terminal, npm run federate -- back --local.`,
  );

const notMoved = ({ number }: Phase, folder: string) =>
  new CannotRunError(
    `Phase ${number} keeps its data in Aurora and S3, but the data in ${short(folder)} is on the box. Move it first: run npm start -- --phase 2 --servers and, in another terminal, npm run move -- --local.`,
  );

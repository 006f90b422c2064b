import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../lambda/shared/log';
import type { Phase } from '../../lib/phases';
import { CannotRunError } from '../errors';
import { inFolder, short } from '../folder';
import { hasManagedSide } from '../phase';
import type { LocalShop } from '../shop';
import { STOREFRONT, site } from '../site';
import { startApp } from './app';
import { mariaDbBinaries } from './binaries';
import { openBox, openManaged } from './data';
import { forwardTo } from './forward';
import { placementIn } from './placement';
import { createServers } from './processes';
import { stock } from './stock';

export interface ServedOptions {
  readonly phase: Phase;
  readonly log: Logger;
  /** Tells people how starting goes. */
  readonly say: (line: string) => void;
  /** Resolves when nobody wants the shop any more. */
  readonly stopped: Promise<unknown>;
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
  const binaries = mariaDbBinaries();
  const { servers: home, record } = inFolder(folder);
  const stocked = join(home, 'stocked');
  const isNew = !existsSync(stocked);
  // What is there was made by a first start that was cut off, and nobody has used it.
  if (isNew) rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const hasManaged = hasManagedSide(phase);
  const data = placementIn(home);
  if (data === 'managed' && !hasManaged) throw movedAlready(phase);

  const servers = createServers(record, stopped);
  try {
    say(hasManaged ? 'Starting two MariaDB servers and an S3' : 'Starting MariaDB');
    const host = { servers, home, binaries };
    const [box, managed] = await Promise.all([openBox(host), hasManaged ? openManaged(host) : undefined]);
    say('Starting the app');
    const app = await startApp(servers, home, { ...box.environment, ...managed?.environment });
    if (isNew) {
      say('Stocking the shelves');
      await stock(app.port, box.urls.users, log);
      writeFileSync(stocked, '');
    }
    const at = short(folder);
    const move = `npm run move -- --local${at === '.local' ? '' : ` --data ${at}`}`;
    return {
      fetch: site(forwardTo(app.port), STOREFRONT, managed?.uploadOrigin),
      isNew,
      folder: home,
      runsOn: [
        ['nginx', 'this process stands for it'],
        ['App', 'a process of its own, as on the box', `log ${short(app.log)}`],
        ['Box', `MariaDB at ${box.socket}`, `log ${short(box.log)}`, `photos in ${short(box.photos)}`],
        ...(managed
          ? ([
              ['Aurora', `MariaDB stands for it, at ${managed.socket}`, `log ${short(managed.log)}`],
              ['S3', `fauxqs stands for it, at ${managed.uploadOrigin}`, `log ${short(managed.s3Log)}`],
              ['Data is', `${PLACES[data]} now`, move, `${move} --check | --back`],
            ] as const)
          : []),
        ['Not here', 'TLS, firewalls, backups, alarms, passwords that change'],
      ],
      broken: servers.broken,
      close: servers.stop,
    };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

const PLACES = { box: 'on the box', managed: 'in Aurora and S3' } as const;

const movedAlready = ({ number }: Phase) =>
  new CannotRunError(
    `Phase ${number} keeps its data on the box, and it was moved from there. Bring it back first: npm start -- --phase 2 --servers, and beside it npm run move -- --local --back.`,
  );

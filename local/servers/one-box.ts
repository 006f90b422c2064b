import { join } from 'node:path';
import type { Place } from '../../lambda/data-migration/placement/placement';
import type { Phase } from '../../lib/phases';
import { short } from '../data-dir';
import { hasManagedSide } from '../phase';
import { STOREFRONT, site } from '../site';
import { startApp } from './app';
import { openBox, openManaged } from './data';
import { asNginxOfTheBox, forwardTo } from './forward';
import type { Host } from './host';
import type { OpenedPhase } from './opened-phase';

/** Phases 1 and 2: one app process, on the box's servers and, in phase 2, the managed ones beside them. */
export async function openOneBox(
  host: Host,
  phase: Phase,
  data: Place,
  folder: string,
): Promise<OpenedPhase> {
  const hasManaged = hasManagedSide(phase);
  const { servers, home, say } = host;
  say(hasManaged ? 'Starting two MariaDB servers and an S3' : 'Starting MariaDB');
  const [box, managed] = await Promise.all([openBox(host), hasManaged ? openManaged(host) : undefined]);
  say('Starting the app');
  const app = await startApp(servers, {
    ...{ name: 'The app', folder: home, log: join(home, 'app.log') },
    environment: { ...box.environment, ...managed?.environment },
  });
  const at = short(folder);
  const move = `npm run move -- --local${at === '.local' ? '' : ` --data ${at}`}`;
  const forward = forwardTo({ port: app.port, headers: asNginxOfTheBox });
  return {
    fetch: site(forward, STOREFRONT, { uploadOrigin: managed?.uploadOrigin }),
    usersDatabase: box.urls.users,
    runsOn: [
      ['nginx', 'replaced by this process'],
      ['App', 'a separate process, as on the box', `log ${short(app.log)}`],
      ['Box', `MariaDB at ${box.socket}`, `log ${short(box.log)}`, `photos in ${short(box.photos)}`],
      ...(managed
        ? ([
            ['Aurora', `replaced by MariaDB at ${managed.socket}`, `log ${short(managed.log)}`],
            ['S3', `replaced by fauxqs at ${managed.uploadOrigin}`, `log ${short(managed.s3Log)}`],
            ['Data is', PLACES[data], move, `${move} --check | --back`],
          ] as const)
        : []),
      ['Left out', 'TLS, firewalls, backups, alarms, password rotation'],
    ],
  };
}

const PLACES = { box: 'on the box', managed: 'in Aurora and S3' } as const;

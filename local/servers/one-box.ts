import { join } from 'node:path';
import type { Place } from '../../lambda/move/placement';
import type { Phase } from '../../lib/phases';
import { short } from '../folder';
import { hasManagedSide } from '../phase';
import { STOREFRONT, site } from '../site';
import { startApp } from './app';
import { type Host, openBox, openManaged } from './data';
import { asNginxOfTheBox, forwardTo } from './forward';
import type { OpenedPhase } from './shop';

/** Phases 1 and 2: one process of the app, on the box's servers and, in phase 2, on the managed ones beside them. */
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
    fetch: site(forward, STOREFRONT, managed?.uploadOrigin),
    usersDatabase: box.urls.users,
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
  };
}

const PLACES = { box: 'on the box', managed: 'in Aurora and S3' } as const;

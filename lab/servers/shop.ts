import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import type { Table } from '../../lambda/shared/tables/table';
import type { Phase } from '../../lib/phases';
import { ROOT } from '../../lib/root';
import { dataDirPaths } from '../../local/data-dir';
import { hasManagedSide, readersOf } from '../../local/phase';
import { writerIn } from '../../local/servers/cluster';
import { openPhotoTable } from '../../local/servers/photo-access';
import { type Running, readPidfile } from '../../local/servers/pidfile';
import { createServers } from '../../local/servers/processes';
import type { Target } from '../load/connection';
import { startBoxNginx } from './box-nginx';
import { spawnCommand, waitForExit, waitForOutput } from './command-process';
import { type AppProcess, appProcessesOf, type Processes, processesOf } from './components';

/** A running phase, to measure. */
export interface LabShop {
  readonly phase: Phase;
  /** nginx, without the CDN and the web balancer, which on this machine are a program that forwards. */
  readonly target: Target;
  /** The present processes: one that ends is replaced. */
  processes(): Processes;
  /** The processes of the app, each with a log of its name in `home`. */
  apps(): readonly AppProcess[];
  /** The socket of the database that writes. */
  readonly socket: string;
  /** The sockets of the databases that answer reads beside it. */
  readonly replicas: readonly string[];
  /** The folder of the servers' data and logs. */
  readonly home: string;
  readonly accessLog: string;
  /** Opens a schema of the server that writes, with all rights. */
  administer(schema: 'users' | 'inventory'): Promise<Sql>;
  /** Opens the table with the photos, in phases that have one. */
  photoTable(): Table | undefined;
  /** The queue of photos, in phases that have one. */
  photoQueue(): Running['photos'];
  close(): Promise<void>;
}

export interface LabShopOptions {
  readonly phase: Phase;
  /** Prints progress. */
  readonly say: (line: string) => void;
  /** The checkout of the revision to measure. Default: this one. */
  readonly root?: string;
  /** Default: a new temporary folder, removed in the end. */
  readonly folder?: string;
}

const OPEN = /http:\/\/localhost:\d+/;

/** Starts a phase by `npm start -- --phase N --servers`; phases 1 and 2 with the box's nginx in front. */
export async function openLabShop(options: LabShopOptions): Promise<LabShop> {
  const { phase, say, root = ROOT } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'shop-lab-'));
  const data = join(folder, 'data');
  const command = spawnCommand(root, 'local.ts', [
    ...['--port', '0', '--data', data],
    ...['--servers', '--phase', String(phase.number)],
  ]);
  const { servers: home, record } = dataDirPaths(data);
  mkdirSync(folder, { recursive: true });
  const own = createServers(join(folder, 'lab.json'), new Promise(() => undefined));
  const close = async () => {
    await own.stop();
    command.child.kill('SIGTERM');
    await command.ended;
    if (!options.folder) rmSync(folder, { recursive: true, force: true });
  };
  try {
    say(`Starting the servers of phase ${phase.number}`);
    await waitForOutput(command, OPEN);
    if (hasManagedSide(phase) && phase.tiers === 'none') {
      say('Moving the data, as the step to phase 2 does');
      await waitForExit(spawnCommand(root, 'move.ts', ['--local', '--data', data]));
    }
    const web = await openWeb();
    const running = (): Running => readPidfile(record) ?? { processes: [], sockets: '' };
    const writer = hasManagedSide(phase) ? writerIn(home) : 'box';
    const socket = join(running().sockets, phase.tiers === 'none' ? `${writer}.sock` : 'writer.sock');
    return {
      phase,
      home,
      socket,
      replicas:
        readersOf(phase) === 0
          ? []
          : ['aurora', 'standby', 'reader']
              .filter((name) => name !== writer)
              .map((name) => join(running().sockets, `${name}.sock`)),
      target: { host: '127.0.0.1', port: web.port, tls: true },
      accessLog: join(web.root, 'var/log/nginx/access.log'),
      processes: () => ({
        ...processesOf(running().processes, hasManagedSide(phase) ? writerIn(home) : 'box'),
        ...(web.pid !== undefined && { nginx: [web.pid] }),
      }),
      apps: () => appProcessesOf(running().processes, home),
      administer: (schema) =>
        openSql(
          `mysql://${userInfo().username}@localhost/${schema}?socketPath=${encodeURIComponent(socket)}`,
        ),
      photoTable: () => {
        const { photos } = running();
        return photos && openPhotoTable(photos.table);
      },
      photoQueue: () => running().photos,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  async function openWeb(): Promise<{ port: number; root: string; pid?: number }> {
    if (phase.tiers !== 'none') {
      return { port: portIn(command.out(), /https:\/\/127\.0\.0\.1:(\d+)/), root: join(home, 'web') };
    }
    const appPort = portIn(readFileSync(join(home, 'app.log'), 'utf8'), /"port":(\d+),"msg":"serving"/);
    const webRoot = join(folder, 'box');
    mkdirSync(webRoot, { recursive: true });
    return { root: webRoot, ...(await startBoxNginx(own, webRoot, appPort)) };
  }
}

function portIn(text: string, pattern: RegExp): number {
  const port = Number(pattern.exec(text)?.[1]);
  if (!port) throw new Error(`No port is named by ${pattern} in:\n${text}`);
  return port;
}

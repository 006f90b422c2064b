import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from './data';
import { freePort } from './free-port';
import { installMariaDb, type MariaDbOptions, startMariaDb } from './mariadb';
import { becomeWriter, forgetHistory, replicate, writeAlone } from './replication';

/** Two servers, each with a folder of its name; which of them writes changes when one takes over. */
const INSTANCES = ['aurora', 'standby'] as const;
type Instance = (typeof INSTANCES)[number];

/** Names the instance that has the newest data. */
const writerFile = (home: string) => join(home, 'writer');

/** The folder of the managed side's data. */
export function writerIn(home: string): Instance {
  const file = writerFile(home);
  return existsSync(file) && readFileSync(file, 'utf8') === 'standby' ? 'standby' : 'aurora';
}

/** A writer and a standby that has all that was acknowledged, and takes over by itself when the writer ends. */
export interface Cluster {
  /** Leads to the writer, whichever that is, as the name of Aurora's cluster endpoint does. */
  readonly socket: string;
  readonly writer: { readonly pid: number; readonly log: string };
  readonly standby: { readonly pid: number; readonly log: string };
}

/** The standby begins as a copy of the writer's data, which is why both are started here. */
export async function openCluster({ servers, home, binaries, say }: Host): Promise<Cluster> {
  const writerId = writerIn(home);
  const standbyId = writerId === 'aurora' ? 'standby' : 'aurora';
  const socket = join(servers.sockets, 'writer.sock');
  const endpoint = pointTo(servers.sockets, socket);
  let standing = false;

  /** What becomes of the shop when one of the two ends: the other one goes on, once. */
  const then = (react: () => Promise<void>, now: string) => (why: string) => {
    if (!standing) return servers.giveUp(`${why}. There is no other one to go on with`);
    standing = false;
    say(why);
    react().then(
      () => say(`${now}; there is no standby until the next start`),
      (error: Error) => servers.giveUp(`${why}. The other one cannot go on: ${error.message}`),
    );
  };
  const takeOver = async () => {
    await becomeWriter(standby.socket, () => remember(home, standbyId));
    endpoint(standbyId);
  };
  const instance = async (id: Instance, name: string, ended: (why: string) => void) => ({
    ...{ name, binaries, ended, folder: join(home, id), log: join(home, `${id}.log`) },
    socket: join(servers.sockets, `${id}.sock`),
    args: [...PAIRED, `--server-id=${INSTANCES.indexOf(id) + 1}`, `--port=${await freePort()}`],
  });
  const writer = await instance(
    writerId,
    'The writer of the database',
    then(takeOver, 'The standby writes now'),
  );
  const standby = await instance(
    standbyId,
    'The standby of the database',
    then(() => writeAlone(writer.socket), 'The writer goes on alone'),
  );

  await installMariaDb(writer);
  await copyData(writer, standby);
  const [writing, following] = await Promise.all([
    startMariaDb(servers, writer),
    startMariaDb(servers, standby),
  ]);
  await Promise.all([forgetHistory(writer.socket), forgetHistory(standby.socket)]);
  await replicate(writer.socket, standby.socket);
  standing = true;
  endpoint(writerId);
  return {
    socket,
    writer: { pid: writing.pid, log: writer.log },
    standby: { pid: following.pid, log: standby.log },
  };
}

const BINARY_LOG = ['--log-bin=binlog', '--sync-binlog=1'];

/** Over the box's configuration: on a port of this machine, and with room for four processes with two pools of ten each. */
const PAIRED = [
  ...['--skip-networking=0', '--bind-address=127.0.0.1'],
  ...[...BINARY_LOG, '--relay-log=relay', '--skip-slave-start'],
  '--max-connections=150',
];

/** For one that ran in a pair and runs alone now: if it was killed, its binary log says what it had committed. */
export const binaryLogOf = (folder: string): readonly string[] =>
  existsSync(join(folder, 'data', 'binlog.index')) ? BINARY_LOG : [];

/** With its binary log, which says what one that was killed had committed: both read the same there. */
async function copyData(from: MariaDbOptions, to: MariaDbOptions): Promise<void> {
  const [data, fresh] = [join(to.folder, 'data'), join(to.folder, 'data.new')];
  for (const old of [fresh, data]) rmSync(old, { recursive: true, force: true });
  await cp(join(from.folder, 'data'), fresh, { recursive: true });
  renameSync(fresh, data);
  await installMariaDb(to);
}

/** Replaced by a rename, so that who connects finds the one or the other. */
const pointTo = (sockets: string, link: string) => (id: Instance) => {
  symlinkSync(join(sockets, `${id}.sock`), `${link}.new`);
  renameSync(`${link}.new`, link);
};

function remember(home: string, id: Instance): void {
  writeFileSync(`${writerFile(home)}.new`, id, { flush: true });
  renameSync(`${writerFile(home)}.new`, writerFile(home));
}

import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port';
import type { Host } from './host';
import { installMariaDb, type MariaDbOptions, startMariaDb } from './mariadb';
import { createReader, type Reader } from './reader';
import { becomeWriter, forgetHistory, replicate, writeAlone } from './replication';

/** Each with a folder of its name. A failover changes the writer; `reader` never becomes it. */
const INSTANCES = ['aurora', 'standby', 'reader'] as const;
type Instance = (typeof INSTANCES)[number];

/** In the folder of the sockets: leads to the server that writes. */
export const WRITER_SOCKET = 'writer.sock';

/** The file with the name of the instance that has the newest data. */
const writerFile = (home: string) => join(home, 'writer');

/** The folder of the managed side's data. */
export function writerIn(home: string): 'aurora' | 'standby' {
  const file = writerFile(home);
  return existsSync(file) && readFileSync(file, 'utf8') === 'standby' ? 'standby' : 'aurora';
}

/** A writer, and a standby that has every acknowledged write and takes over automatically. */
export interface Cluster {
  /** Always leads to the current writer, like Aurora's cluster endpoint. */
  readonly socket: string;
  readonly writer: { readonly pid: number; readonly log: string };
  readonly standby: { readonly pid: number; readonly log: string };
  /** Present if asked for. */
  readonly reader?: Reader | undefined;
  /** The sockets of the servers that answer reads beside the writer; none without a reader. */
  readonly readers: readonly string[];
}

export interface ClusterOptions {
  /** True for a third server that only reads. Default false. */
  readonly reader?: boolean;
}

/** Starts all servers, since the others begin as copies of the writer's data. */
export async function openCluster(host: Host, { reader = false }: ClusterOptions = {}): Promise<Cluster> {
  const { servers, home, binaries, say } = host;
  const writerId = writerIn(home);
  const standbyId = writerId === 'aurora' ? 'standby' : 'aurora';
  const socket = join(servers.sockets, WRITER_SOCKET);
  const endpoint = pointTo(servers.sockets, socket);
  let standing = false;

  /** Handles the end of one server: the other one goes on, once. */
  const then = (react: () => Promise<void>, now: string) => (why: string) => {
    if (!standing) return servers.giveUp(`${why}. No other server is left`);
    standing = false;
    say(why);
    react().then(
      () => say(`${now}, without a standby until the next start`),
      (error: Error) => servers.giveUp(`${why}. The other server cannot go on: ${error.message}`),
    );
  };
  const takeOver = async () => {
    await becomeWriter(standby.socket, () => remember(home, standbyId));
    endpoint(standbyId);
    await reading?.follow(standby.socket);
  };
  const instance = async (id: Instance, name: string, ended?: (why: string) => void) => ({
    ...{ name, binaries, ended, folder: join(home, id), log: join(home, `${id}.log`) },
    socket: join(servers.sockets, `${id}.sock`),
    args: [...PAIRED, `--server-id=${INSTANCES.indexOf(id) + 1}`, `--port=${await freePort()}`],
  });
  const writer = await instance(
    writerId,
    'The database writer',
    then(takeOver, 'The standby is now the writer'),
  );
  const standby = await instance(
    standbyId,
    'The database standby',
    then(() => writeAlone(writer.socket), 'The writer goes on alone'),
  );

  await installMariaDb(writer);
  const reading = reader ? createReader(host, await instance('reader', 'The database reader')) : undefined;
  await copyData(writer, standby);
  if (reading) await copyData(writer, reading.options);
  const [writing, following] = await Promise.all([
    startMariaDb(servers, writer),
    startMariaDb(servers, standby),
  ]);
  await Promise.all([forgetHistory(writer.socket), forgetHistory(standby.socket)]);
  await replicate(writer.socket, standby.socket);
  standing = true;
  endpoint(writerId);
  await reading?.start(writer.socket);
  return {
    socket,
    writer: { pid: writing.pid, log: writer.log },
    standby: { pid: following.pid, log: standby.log },
    reader: reading,
    // The standby answers reads as well, and goes on with it when it is the writer.
    readers: reading ? [standby.socket, reading.options.socket] : [],
  };
}

const BINARY_LOG = ['--log-bin=binlog', '--sync-binlog=1'];

/** Overrides the box's configuration: a port, and connections for up to eight processes with two pools of ten each. */
const PAIRED = [
  ...['--skip-networking=0', '--bind-address=127.0.0.1'],
  // A standby's log has the writer's transactions as well, so that the reader can go on with it after a failover.
  ...[...BINARY_LOG, '--log-slave-updates', '--relay-log=relay', '--skip-slave-start'],
  '--max-connections=220',
];

/** For a server that was in a pair and now runs alone: after a kill, recovery needs its binary log. */
export const binaryLogOf = (folder: string): readonly string[] =>
  existsSync(join(folder, 'data', 'binlog.index')) ? BINARY_LOG : [];

/** Includes the binary log, so that both recover the same transactions after a kill. */
async function copyData(from: MariaDbOptions, to: MariaDbOptions): Promise<void> {
  const [data, fresh] = [join(to.folder, 'data'), join(to.folder, 'data.new')];
  for (const old of [fresh, data]) rmSync(old, { recursive: true, force: true });
  await cp(join(from.folder, 'data'), fresh, { recursive: true });
  renameSync(fresh, data);
  await installMariaDb(to);
}

/** Switched by a rename, so that clients always find one of the two. */
const pointTo = (sockets: string, link: string) => (id: Instance) => {
  symlinkSync(join(sockets, `${id}.sock`), `${link}.new`);
  renameSync(`${link}.new`, link);
};

function remember(home: string, id: Instance): void {
  writeFileSync(`${writerFile(home)}.new`, id, { flush: true });
  renameSync(`${writerFile(home)}.new`, writerFile(home));
}

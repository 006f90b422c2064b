import { copyFileSync, existsSync, openSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirPaths, olderLog } from './data-dir';

/** The size at which a log is rotated, in bytes. It can grow past this between two looks. */
const MOST_BYTES = 10_000_000;

/** Begins a log anew. Writers of a rotated file must append, or they go on at their old offset. */
export function openLogFile(path: string): number {
  rmSync(path, { force: true });
  return openSync(path, 'a');
}

/**
 * Limits the size of a shop's logs: a log that has grown too large is copied and emptied, as logrotate does on the
 * hosts, since its writers keep it open.
 */
export function rotateLogs(folder: string, mostBytes = MOST_BYTES): void {
  for (const path of logsIn(folder)) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > mostBytes) rotate(path);
  }
}

function rotate(path: string): void {
  try {
    copyFileSync(path, olderLog(path));
  } catch {
    // There is no room for the copy, and room is worth more than old lines.
    rmSync(olderLog(path), { force: true });
  }
  truncateSync(path);
}

/** Selects logs by name and place: MariaDB's data folders contain files that are called logs and are data. */
function logsIn(folder: string): string[] {
  const { log, servers } = dataDirPaths(folder);
  if (!existsSync(servers)) return [log];
  const entries = readdirSync(servers, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(servers, name));
  return [
    log,
    ...logsOf(servers),
    ...folders.map((path) => join(path, 'slow.log')),
    ...logsOf(join(servers, 'web', 'var', 'log', 'nginx')),
  ];
}

const logsOf = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.log'))
        .map((name) => join(folder, name))
    : [];

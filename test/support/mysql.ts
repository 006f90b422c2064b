import { existsSync } from 'node:fs';
import { constants, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatabaseServer, launchServer } from './database-server';

/** The folder into which `.ci/unpack-mysql.sh` unpacked it. */
const folder = process.env.TEST_MYSQL ?? '';
const template = join(folder, 'template');

/** True when this run is to have a MySQL, which then must be there. */
export function hasMysql(): boolean {
  if (folder === '') return false;
  if (existsSync(template)) return true;
  throw new Error(
    `TEST_MYSQL is ${folder}, where no MySQL is: .ci/unpack-mysql.sh unpacks one into a folder`,
  );
}

/** Starts a separate MySQL without waiting; before a connection, wait with `answering`. */
export const launchMysql = (...more: readonly string[]): DatabaseServer =>
  launchServer(
    {
      name: 'mysql',
      command: join(folder, 'mysqld'),
      install: (to) => cp(template, join(to, 'data'), { recursive: true, mode: constants.COPYFILE_FICLONE }),
      // Starts in a third of the time, and takes half of the memory.
      args: [
        '--performance-schema=OFF',
        '--innodb-redo-log-capacity=8M',
        '--innodb-flush-method=nosync',
        '--sync-binlog=0',
      ],
    },
    more,
  );

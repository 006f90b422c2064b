import type { Host } from './host';
import { keep } from './keep';
import { type MariaDbOptions, startMariaDb } from './mariadb';
import { follow } from './replication';

/** A server that follows the writer and only answers reads. It is restarted when it ends. */
export interface Reader {
  readonly options: MariaDbOptions;
  readonly pid: number;
  /** Call once the folder has a copy of the writer's data, and the writer runs. */
  start(writer: string): Promise<void>;
  /** Call when another server is the writer. */
  follow(writer: string): Promise<void>;
}

export function createReader({ servers, say }: Host, options: MariaDbOptions): Reader {
  let source = '';
  let pid = 0;
  return {
    options,
    get pid() {
      return pid;
    },
    start: async (writer) => {
      source = writer;
      await keep(servers, say, options.name, async (ended) => {
        const serving = await startMariaDb(servers, { ...options, ended });
        pid = serving.pid;
        await follow(source, options.socket);
        return serving;
      });
    },
    follow: async (writer) => {
      source = writer;
      await follow(source, options.socket);
    },
  };
}

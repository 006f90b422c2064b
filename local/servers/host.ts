import type { MariaDbBinaries } from './binaries';
import type { Servers } from './processes';

export interface Host {
  readonly servers: Servers;
  /** The folder for the data of all servers. */
  readonly home: string;
  readonly binaries: MariaDbBinaries;
  /** Prints progress. */
  readonly say: (line: string) => void;
}

declare module 'dynalite' {
  import type { Server } from 'node:http';

  export default function dynalite(options: {
    /** The LevelDB folder. Default: memory. */
    readonly path?: string;
    /** Milliseconds until a new table can be used. */
    readonly createTableMs?: number;
  }): Server;
}

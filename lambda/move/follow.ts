import type { Blobs } from '../shared/blobs';
import type { Sql } from '../shared/sql';
import type { Placed } from './placed';
import type { Place } from './placement';

/** A schema where the data is now: reads go on at any time, writes pass the gate, a transaction as a whole. */
export function followSql({ current, gate }: Placed, sides: Readonly<Record<Place, Sql>>): Sql {
  const here = () => sides[current()];
  return {
    query: (statement, values) => here().query(statement, values),
    execute: (statement, values) => gate.pass(() => here().execute(statement, values)),
    transaction: (work) => gate.pass(() => here().transaction(work)),
    exclusively: (name, work) => gate.pass(() => here().exclusively(name, work)),
    close: async () => {
      await Promise.all([sides.box.close(), sides.managed.close()]);
    },
  };
}

/**
 * Files where the data is now, without a gate: a key always has the same bytes, so what comes to the side that was left
 * (an upload takes as long as it takes, and its ticket is that side's) is found there and brought along.
 */
export function followBlobs({ current }: Placed, sides: Readonly<Record<Place, Blobs>>): Blobs {
  const here = () => sides[current()];
  const bring = async (key: string) => {
    const bytes = await sides[current() === 'box' ? 'managed' : 'box'].get(key);
    if (bytes) await here().put(key, bytes, typeOf(key));
    return bytes;
  };
  const { receive } = sides.box;
  return {
    put: (key, bytes, type) => here().put(key, bytes, type),
    get: async (key) => (await here().get(key)) ?? (await bring(key)),
    head: async (key) => {
      const found = await here().head(key);
      if (found) return found;
      const brought = await bring(key);
      return brought && { bytes: brought.length };
    },
    // On both sides, or the other one would bring it back.
    delete: async (key) => {
      await Promise.all([sides.box.delete(key), sides.managed.delete(key)]);
    },
    list: (prefix) => here().list(prefix),
    uploadTicket: (upload) => here().uploadTicket(upload),
    ...(receive && { receive }),
  };
}

/** The media type of a key by its ending, since a disk keeps none. Nobody is served originals, which have no ending. */
export const typeOf = (key: string): string =>
  key.endsWith('.webp') ? 'image/webp' : 'application/octet-stream';

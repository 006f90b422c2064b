import type { Blobs } from '../../shared/blobs/blobs';
import type { Sql } from '../../shared/sql/sql';
import type { Place } from './placement';
import type { PlacementLease } from './placement-lease';

/** Routes a schema to the side that has the data. Reads always go on; writes and whole transactions pass the gate. */
export function routedSql({ current, gate }: PlacementLease, sides: Readonly<Record<Place, Sql>>): Sql {
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
 * Routes files to the side that has the data. This needs no gate: keys are immutable, so a file that still arrives on
 * the former side (through a ticket that was issued there) is found and copied when it is read.
 */
export function routedBlobs({ current }: PlacementLease, sides: Readonly<Record<Place, Blobs>>): Blobs {
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
    // On both sides, or the other one would restore it.
    delete: async (key) => {
      await Promise.all([sides.box.delete(key), sides.managed.delete(key)]);
    },
    list: (prefix) => here().list(prefix),
    uploadTicket: (upload) => here().uploadTicket(upload),
    ...(receive && { receive }),
  };
}

/** The media type by the key's extension, since a disk stores none. Originals have none, but are never served. */
export const typeOf = (key: string): string =>
  key.endsWith('.webp') ? 'image/webp' : 'application/octet-stream';

import { type Blobs, BlobsUnavailableError } from '../../lambda/shared/blobs/blobs';
import { type Table, TableUnavailableError } from '../../lambda/shared/tables/table';
import type { Part } from './faults';
import { type Host, LostError, type Network } from './network';

const through =
  (network: Network, host: Host, part: Part, failed: (cause: unknown) => Error) =>
  async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await network.call(host, part, work);
    } catch (error) {
      throw error instanceof LostError ? failed(error) : error;
    }
  };

/** A table as a process reaches it. */
export function linkedTable(table: Table, network: Network, host: Host): Table {
  const call = through(network, host, 'table', (cause) => new TableUnavailableError({ cause }));
  return {
    get: (...asked) => call(() => table.get(...asked)),
    put: (...asked) => call(() => table.put(...asked)),
    update: (...asked) => call(() => table.update(...asked)),
    delete: (...asked) => call(() => table.delete(...asked)),
    query: (asked) => call(() => table.query(asked)),
    scan: () => table.scan(),
    close: () => undefined,
  };
}

/** Files in memory. */
export function createMemoryBlobs(): Blobs {
  const files = new Map<string, Uint8Array>();
  return {
    put: async (key, bytes) => void files.set(key, bytes),
    get: async (key) => files.get(key),
    head: async (key) => {
      const bytes = files.get(key);
      return bytes && { bytes: bytes.length };
    },
    delete: async (key) => void files.delete(key),
    list: async function* (prefix) {
      for (const [key, { length }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
        if (key.startsWith(prefix)) yield { key, bytes: length };
    },
    uploadTicket: async ({ key }) => ({ method: 'PUT', url: key, headers: {} }),
  };
}

/** A store of files as a process reaches it. */
export function linkedBlobs(blobs: Blobs, network: Network, host: Host): Blobs {
  const call = through(network, host, 'blobs', (cause) => new BlobsUnavailableError({ cause }));
  return {
    put: (...asked) => call(() => blobs.put(...asked)),
    get: (key) => call(() => blobs.get(key)),
    head: (key) => call(() => blobs.head(key)),
    delete: (key) => call(() => blobs.delete(key)),
    list: blobs.list,
    uploadTicket: blobs.uploadTicket,
  };
}

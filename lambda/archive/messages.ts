import { z } from 'zod';
import type { Blobs } from '../shared/blobs/blobs';
import type { FileTotals } from './journal';
import { KIND_NAMES } from './kinds';

/** The exporter and the loader share nothing but a bucket: what is to be loaded, and what was found loaded. */
const Message = z.object({
  batch: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(KIND_NAMES),
      firstKey: z.string(),
      lastKey: z.string(),
      rows: z.int(),
      total: z.int(),
      checksum: z.int(),
    }),
  ),
});

export interface Message {
  readonly batch: string;
  readonly files: readonly FileTotals[];
}

/** `manifests`: the files of a batch. `receipts`: the same, as the warehouse counts them. */
export type Box = 'manifests' | 'receipts';

const keyOf = (box: Box, batch: string) => `${box}/${batch}.json`;

export const send = (blobs: Blobs, box: Box, message: Message): Promise<void> =>
  blobs.put(keyOf(box, message.batch), Buffer.from(JSON.stringify(message)), 'application/json');

export async function receive(blobs: Blobs, box: Box, batch: string): Promise<Message | undefined> {
  const bytes = await blobs.get(keyOf(box, batch));
  return bytes && Message.parse(JSON.parse(Buffer.from(bytes).toString()));
}

/** The ids of batches, oldest first. */
export async function batchesIn(blobs: Blobs, box: Box): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of blobs.list(`${box}/`)) ids.push(key.slice(box.length + 1, -'.json'.length));
  return ids.sort();
}

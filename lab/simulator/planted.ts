import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandOutput,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { FINAL_VERSION } from '../../lambda/shared/cache/cache';
import type { Subject } from './plan';
import { FOUND, UNPROVEN } from './planted-seeds';
import { shardBugs } from './planted-shards';
import {
  apart,
  blobs,
  boastful,
  cache,
  early,
  hopeful,
  put,
  queue,
  remembered,
  rewritten,
  statements,
  swallowed,
  table,
  unfresh,
  unseen,
} from './planted-wiring';
import type { Wiring } from './shop';

/** A bug between the services and what they talk to. No program that is deployed can have it: it needs the simulator. */
export interface PlantedBug {
  readonly name: string;
  /** A sentence. */
  readonly says: string;
  readonly subject: Subject;
  readonly wiring: Wiring;
  /** The number of seeds of its subject within which it is found. Undefined if that is not known. */
  readonly within: number | undefined;
  /** One of those. */
  readonly found: number | undefined;
}

const isOfProduct = (key: string) => key.includes('product:');
const isMark = ({ version }: { readonly version: number }) => version === FINAL_VERSION;

const stock: Readonly<Record<string, readonly [string, Wiring]>> = {
  oversold: [
    'Pieces are reserved though there are too few.',
    rewritten('AND on_hand - reserved >= ?', 'AND ? > 0'),
  ],
  'reserved nothing': [
    'A reservation is stored, and its pieces are not taken.',
    swallowed('UPDATE stock SET reserved = reserved + ?'),
  ],
  'ended twice': [
    'A reservation that has ended ends once more.',
    rewritten("AND status = 'held' AND expires_at", "AND 'held' <> '' AND expires_at"),
  ],
  'swept too early': [
    'The sweeper ends what is still held.',
    statements("status = 'held' AND expires_at <= ?", (statement) =>
      statement.replaceAll('expires_at <= ?', "(expires_at <= ? OR status = 'held')"),
    ),
  ],
  'kept pieces': [
    'What is released does not go back to the shelf.',
    rewritten('reserved = reserved - ?', 'reserved = reserved - 0 * ?'),
  ],
  'sold from nowhere': [
    'What is sold stays on the shelf.',
    rewritten('on_hand = on_hand - ?', 'on_hand = on_hand - 0 * ?'),
  ],
  'one piece of many': [
    'Of several pieces one is reserved.',
    statements('UPDATE stock SET reserved = reserved + ?', (statement) =>
      statement.replace('reserved + ?', 'reserved + MIN(1, ?)'),
    ),
  ],
  'lost key': [
    'A repeated request is not recognized: its key was not stored.',
    swallowed('INSERT INTO idempotency'),
  ],
  'lost line': [
    'A correction of the stock is not in the ledger.',
    swallowed('INSERT INTO ledger (id, product_id, kind, quantity, reason'),
  ],
  'lost sale': [
    'A sale is not in the ledger.',
    swallowed('INSERT INTO ledger (id, product_id, kind, quantity, reservation_id'),
  ],
  'lost pieces': [
    'A correction is in the ledger alone.',
    swallowed('UPDATE stock SET on_hand = on_hand + ?'),
  ],
  'below reserved': [
    'A correction takes away what is reserved.',
    rewritten('AND on_hand + ? >= reserved', 'AND ? IS NOT NULL'),
  ],
  'no transaction': ['The statements of a transaction are committed one by one.', apart],
  'answered too early': ['A change is answered, and shown to caches, before its commit.', early],
  'hope for the best': ['A commit without an answer counts as a commit.', hopeful],
  'same revision': [
    'A change of the stock does not make a new revision.',
    rewritten('revision = revision + 1', 'revision = revision + 0'),
  ],
  'no time stamp': [
    'A change of the stock does not say when it was.',
    rewritten('changed_at = ?', 'changed_at = 0 * ?'),
  ],
  'blind repair': [
    'The repair of the cache sees no changes.',
    unseen('FROM stock /*! FORCE INDEX (stock_by_change) */'),
  ],
  'nothing expires': [
    'The cache keeps what it is told to expire.',
    cache(() => ({ expire: async () => undefined })),
  ],
  'last one wins': [
    'The cache keeps what arrives last, not what is newest.',
    put((entry, key) => ({ entry: isOfProduct(key) ? { ...entry, version: Date.now() } : entry })),
  ],
  'copies of copies': [
    'A process keeps what the cache answered, without an end.',
    cache((to) => {
      const known = new Map<string, ReturnType<typeof to.get>>();
      return {
        get: async (key) => {
          if (!isOfProduct(key)) return to.get(key);
          const found = known.get(key) ?? to.get(key);
          if ((await found) !== undefined) known.set(key, found);
          return found;
        },
      };
    }),
  ],
  'stale for its owner': ['Those who changed something read from a replica.', unfresh],
};

const sessions: Readonly<Record<string, readonly [string, Wiring]>> = {
  'no mark': [
    'The cache does not hear of the end of a session.',
    put((entry) => (isMark(entry) ? undefined : { entry })),
  ],
  'short mark': [
    'The mark of an ended session is forgotten after five milliseconds.',
    put((entry) => ({ entry, ...(isMark(entry) && { ttlMs: 5 }) })),
  ],
  'weak mark': [
    'The mark of an ended session can be replaced by a copy.',
    put((entry) => ({ entry: isMark(entry) ? { ...entry, version: 1 } : entry })),
  ],
  'young copies': [
    'A copy of a session never grows old.',
    cache((to) => ({
      get: async (key) => {
        const found = await to.get(key);
        return found && { ...found, loadedAt: Date.now() };
      },
    })),
  ],
  'one copy for all': [
    'Copies of sessions are kept without their tokens.',
    cache((to) => ({
      get: () => to.get('session:'),
      put: (_key, entry, ttlMs) => to.put('session:', entry, ttlMs),
    })),
  ],
  'logged out in words': [
    'Logging out deletes nothing.',
    swallowed('DELETE FROM sessions WHERE token_hash = ?'),
  ],
  'ended in words': ['Ending a session deletes nothing.', swallowed('DELETE FROM sessions WHERE id = ?')],
  'thieves stay': [
    'A new password ends no other session.',
    unseen('FROM sessions WHERE user_id = ? AND id <> ?'),
  ],
  'thieves stay in words': [
    'A new password ends the copies of sessions alone.',
    swallowed('DELETE FROM sessions WHERE user_id = ? AND id <> ?'),
  ],
  'all out': [
    'Ending a session ends all of the account.',
    rewritten('DELETE FROM sessions WHERE id = ? AND', "DELETE FROM sessions WHERE ? <> '' AND"),
  ],
  'lost session': ['A log-in is answered, and its session is not stored.', swallowed('INSERT INTO sessions')],
  'logged in too early': ['A log-in or an end is answered before its commit.', early],
  'hope of an end': ['A commit of sessions without an answer counts as one.', hopeful],
  'no entry without end': [
    'A session that was not found is never looked for again.',
    remembered('WHERE s.token_hash = ?', (rows) => rows.length === 0),
  ],
  'kept in a process': [
    'A session that was found is not looked for again.',
    remembered('WHERE s.token_hash = ?', (rows) => rows.length > 0),
  ],
  'own log-in unseen': ['Those who logged in are looked up in a replica.', unfresh],
  'boastful replica': ['A replica that stands still is believed.', boastful],
};

const photos: Readonly<Record<string, readonly [string, Wiring]>> = {
  'deleted before its work': [
    'A message is deleted before its work, and the sweeper sends none again.',
    {
      ...queue(ReceiveMessageCommand, async (send, command) => {
        const received = (await send(command)) as ReceiveMessageCommandOutput;
        for (const { ReceiptHandle } of received.Messages ?? [])
          await send(new DeleteMessageCommand({ QueueUrl: 'queue', ReceiptHandle }));
        return received;
      }),
      ...table((to) => ({ query: async (asked) => (asked.index ? [] : to.query(asked)) })),
    },
  ],
  'never sent': [
    'A photo is completed, and no worker hears of it.',
    queue(SendMessageCommand, async () => ({})),
  ],
  'no status before': [
    'Changes of a photo do not ask for the status before.',
    table((to) => ({ update: (key, change) => to.update(key, change) })),
  ],
  'blind sweeper': [
    'The sweeper finds no photo that is due.',
    table((to) => ({ query: async (asked) => (asked.index ? [] : to.query(asked)) })),
  ],
  'no files': [
    'A photo becomes ready, and its files are not stored.',
    blobs(() => ({ put: async () => undefined })),
  ],
  orphans: ['The files of a photo that was removed stay.', blobs(() => ({ delete: async () => undefined }))],
  'no picture': ['The product does not follow its photos.', swallowed('UPDATE products SET category')],
  'nothing due': [
    'A photo becomes ready, and does not say that its product has to follow.',
    table((to) => ({
      update: (key, { set = {}, ...rest }, condition) =>
        to.update(key, { ...rest, set: set.pictureDue === 1 ? { ...set, pictureDue: 0 } : set }, condition),
    })),
  ],
};

/** Of its subject. */
const WITHIN = 300;

const of = (subject: Subject, bugs: typeof stock): PlantedBug[] =>
  Object.entries(bugs).map(([name, [says, wiring]]) => ({
    ...{ name, says, subject, wiring },
    within: UNPROVEN.has(name) ? undefined : WITHIN,
    found: FOUND[name],
  }));

export const PLANTED: readonly PlantedBug[] = [
  ...of('stock', stock),
  ...of('sessions', sessions),
  ...of('photos', photos),
  ...of('shards', shardBugs),
];

/** Every history with it is wrong: a simulator that finds nothing here finds nothing anywhere. */
export const CANARY: Wiring = {
  sql: (sql) => {
    const broken = async () => {
      throw new TypeError('a canary');
    };
    return { ...sql, query: broken, execute: broken, transaction: broken };
  },
};

import { type Random, seeded } from '../load/random';
import type { Fault, Part } from './faults';

export type Subject = keyof typeof KINDS;

/** The make of the shop of a history. */
export interface Shape {
  readonly writers: number;
  readonly readers: number;
  /** Of users between shards. */
  readonly movers: number;
  /** They answer the readers. */
  readonly replicas: number;
  readonly hasCache: boolean;
  readonly coalesced: boolean;
  /** Time to confirm a reservation. */
  readonly holdMs: number;
  /** The stock of each product. */
  readonly pieces: readonly number[];
  /** Between the last call and the last look. */
  readonly quietMs: number;
}

/** A call of a client. Its times and numbers choose among what is there by then. */
export interface Operation {
  readonly client: number;
  /** Milliseconds before it. */
  readonly pause: number;
  readonly kind: (typeof KINDS | typeof VISITS)[Subject][number];
  /** Chooses a product, a reservation, a session. */
  readonly which: number;
  /** Chooses a process. */
  readonly where: number;
  readonly quantity: number;
}

/** Everything of a history that is known before it begins. It may be made shorter, and stays a plan. */
export interface Plan {
  readonly seed: number;
  readonly subject: Subject;
  readonly shape: Shape;
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
}

/** The operations of clients. Those that stand here more than once are more frequent. */
const KINDS = {
  stock: [
    ...(['reserve', 'reserve', 'reserve', 'reserve', 'confirm', 'confirm', 'release', 'release'] as const),
    ...(['add', 'look', 'look', 'read', 'read', 'read'] as const),
  ],
  sessions: [
    ...(['log in', 'log in', 'log out', 'end', 'replace', 'change password'] as const),
    ...(['identify', 'identify', 'identify', 'identify', 'identify', 'look up'] as const),
  ],
  photos: ['upload', 'upload', 'complete', 'remove', 'list', 'list'],
  shards: [
    ...(['register', 'register', 'log in', 'log in', 'log in', 'log out', 'end'] as const),
    ...(['identify', 'identify', 'identify', 'look up', 'look up'] as const),
  ],
} as const;

/** The first client changes nothing: what it is shown may be a copy. That of shards moves users. */
const VISITS = {
  stock: ['read', 'read', 'read', 'look'],
  sessions: ['identify', 'identify', 'identify', 'look up'],
  photos: ['upload', 'remove', 'list', 'list'],
  shards: ['move'],
} as const;

/** The longest pause before an operation. A move takes two seconds, and is to meet calls. */
const PACES_MS: Readonly<Record<Subject, readonly number[]>> = {
  stock: [5, 60, 500],
  sessions: [5, 60, 500],
  photos: [5, 60, 500],
  shards: [200, 600, 1200],
};
/** Operations of a client. */
const LENGTHS: Readonly<Record<Subject, readonly number[]>> = {
  stock: [4, 6, 8],
  sessions: [4, 6, 8],
  photos: [4, 6, 8],
  shards: [12, 16, 24],
};
/** Longer than a copy is used, of a product or of a session; than a message is hidden that a worker lost; than a claim
 * of an e-mail is respected.
 */
const LONG_QUIET_MS: Readonly<Record<Subject, number>> = {
  stock: 14_000,
  sessions: 34_000,
  photos: 16 * 60_000,
  shards: 70_000,
};
const SHORT_QUIET_MS: Readonly<Record<Subject, number>> = {
  stock: 2500,
  sessions: 2500,
  photos: 60_000,
  shards: 2500,
};
/** Replicas have what was there at first. */
export const SETTLED_MS = 400;
/** From then on nothing goes wrong, except a replica that stands still. */
export const FAULTS_END_MS = 5000;
const LONGEST_STANDSTILL_MS = 40_000;

export function planOf(seed: number): Plan {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  const among: Among = (choices) => choices[Math.floor(random() * choices.length)] as never;
  const subject =
    seed % 8 === 7 ? 'photos' : seed % 8 === 6 ? 'shards' : seed % 2 === 0 ? 'stock' : 'sessions';
  const faulty = among([0, 1, 1, 2, 3]);
  const parts = {
    writers: among([1, 2, 2, 3]),
    readers: among([1, 2]),
    movers: subject === 'shards' ? 2 : 0,
    replicas: subject === 'photos' || subject === 'shards' ? 0 : among([0, 1, 2]),
    hasCache: subject !== 'photos' && random() < 0.75,
    coalesced: random() < 0.7,
    holdMs: among([700, 2000, 900_000]),
    pieces: Array.from({ length: among([1, 1, 2]) }, () => among([1, 2, 3, 5, 8])),
  };
  const faults = Array.from({ length: faulty }, () => faultOf(subject, parts, random, among));
  // A change that a cache did not hear of shows later.
  const isDeaf = faults.some((fault) => 'part' in fault && fault.part === 'cache');
  const isLong = subject === 'photos' ? faulty > 0 : random() < (isDeaf ? 0.8 : 0.15);
  const shape: Shape = { ...parts, quietMs: (isLong ? LONG_QUIET_MS : SHORT_QUIET_MS)[subject] };
  const clients = among([2, 3, 4, 5]);
  const pace = among(PACES_MS[subject]);
  const operations = Array.from(
    { length: clients * among(LENGTHS[subject]) },
    (_, place): Operation => ({
      client: place % clients,
      pause: random() ** 2 * pace,
      kind: among<Operation['kind']>(place % clients === 0 ? VISITS[subject] : KINDS[subject]),
      which: Math.floor(random() * 1000),
      where: Math.floor(random() * 1000),
      quantity: among([1, 1, 1, 2, 2, 3]),
    }),
  );
  return {
    seed,
    subject,
    shape,
    operations: subject === 'shards' ? divided(operations, clients) : operations,
    faults,
  };
}

/** All register at first, for a few e-mails. Then they do more while a move goes on. */
const divided = (operations: readonly Operation[], clients: number): Operation[] =>
  operations
    .map((one, place) => (place > 0 && place < clients ? { ...one, kind: 'register' as const } : one))
    .filter(({ kind }, place) => kind !== 'move' || Math.floor(place / clients) % 5 === 0);

type Among = <Choice>(choices: readonly Choice[]) => Choice;

function faultOf(subject: Subject, shape: Omit<Shape, 'quietMs'>, random: Random, among: Among): Fault {
  const { writers, readers, movers, replicas, hasCache } = shape;
  const named = (role: string, count: number) =>
    Array.from({ length: count }, (_, place) => `${role} ${place}`);
  const process = among([
    ...named('writer', writers),
    ...named('reader', readers),
    ...named('mover', movers),
  ]);
  const followers = (['replica 0', 'replica 1'] as const).slice(0, replicas);
  const stores: readonly Part[] = [
    'database',
    ...(hasCache ? (['cache', 'cache'] as const) : []),
    ...(subject === 'photos' ? (['queue', 'table', 'blobs'] as const) : followers),
    ...(subject === 'shards' ? (['second database', 'table', 'table'] as const) : []),
  ];
  const from = SETTLED_MS + random() * 1200;
  const during = { from, until: Math.min(FAULTS_END_MS, from + 30 + random() ** 2 * 4000) };
  const kind = among<Fault['kind']>([
    ...(['crash', 'crash', 'partition', 'partition', 'lost answers', 'lost requests'] as const),
    ...(['duplicates', 'slow', 'slow disk', 'failover', 'wrong clock'] as const),
    ...(replicas > 0 ? (['stale replica', 'stale replica'] as const) : []),
    ...(hasCache ? (['cache loss'] as const) : []),
    // The mover of a bucket waits for those who write in it.
    ...(subject === 'shards' ? (['slow disk', 'slow disk', 'crash', 'crash'] as const) : []),
  ]);
  switch (kind) {
    case 'crash':
      return { kind, process, ...during };
    case 'partition':
      return { kind, process, part: among(stores), ...during };
    case 'lost answers':
    case 'lost requests':
      return { kind, part: among(['clients', ...stores]), ...during };
    case 'slow':
      return { kind, part: among(['clients', ...stores]), ...during };
    case 'duplicates':
      return { kind, part: subject === 'photos' ? among(['clients', 'queue']) : 'clients', ...during };
    case 'failover':
      return { kind, ...(subject === 'shards' && random() < 0.5 && { part: 'second database' }), ...during };
    case 'stale replica':
      return { kind, part: among(followers), from, until: from + random() * LONGEST_STANDSTILL_MS };
    case 'wrong clock':
      return { kind, process, ms: Math.round((random() - 0.5) * 1000), from: 0, until: 1e9 };
    default:
      return { kind, ...during };
  }
}

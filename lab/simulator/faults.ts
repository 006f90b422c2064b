/** Names of processes, and of the parts that they call. */
export type Part =
  | DatabasePart
  | 'clients'
  | 'cache'
  | 'replica 0'
  | 'replica 1'
  | 'queue'
  | 'table'
  | 'blobs';
/** The second one is there where users are divided. */
export type DatabasePart = 'database' | 'second database';

interface During {
  /** Milliseconds of the world. */
  readonly from: number;
  readonly until: number;
}

/** The faults of a history, and their times. */
export type Fault =
  /** A process ends without a word, at whatever it waits for, and another one takes its place. */
  | ({ readonly kind: 'crash'; readonly process: string } & During)
  /** A process and a part do not hear of each other. */
  | ({ readonly kind: 'partition'; readonly process: string; readonly part: Part } & During)
  /** A part does what it is asked for, and some of its answers are lost; or it does not hear of some calls. */
  | ({ readonly kind: 'lost answers' | 'lost requests'; readonly part: Part } & During)
  /** Some of what a part is asked for arrives a second time, later. */
  | ({ readonly kind: 'duplicates'; readonly part: Part } & During)
  /** Calls of a part take thirty times as long. */
  | ({ readonly kind: 'slow'; readonly part: Part } & During)
  /** Commits take up to a second and a half. */
  | ({ readonly kind: 'slow disk' } & During)
  /** A database, the first one by default, ends all connections and takes none. */
  | ({ readonly kind: 'failover'; readonly part?: DatabasePart } & During)
  /** A replica stands still. */
  | ({ readonly kind: 'stale replica'; readonly part: Part } & During)
  /** The cache forgets everything at the beginning of the time. */
  | ({ readonly kind: 'cache loss' } & During)
  /** The clock of a process is wrong by so many milliseconds, from the beginning to the end. */
  | ({ readonly kind: 'wrong clock'; readonly process: string; readonly ms: number } & During);

export type FaultKind = Fault['kind'];

export const describeFault = ({ kind, from, until, ...rest }: Fault): string =>
  `${kind} ${Object.values(rest).join(' ')} from ${Math.round(from)} to ${Math.round(until)}`;

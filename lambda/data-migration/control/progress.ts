/** The steps of the mover, in their order. */
export type Step =
  | 'start'
  | 'rows'
  | 'recheck'
  | 'photos'
  | 'catch up'
  | 'freeze'
  | 'last rows'
  | 'verify'
  | 'switch'
  | 'drop';

/** Reported at every step. A report that throws ends the move, with the data where the marker says. */
export interface Progress {
  readonly step: Step;
  /** Number of the pass over all data: 1, 2, … */
  readonly pass: number;
  /** `inventory.stock`, while rows are compared. */
  readonly table?: string;
  /** Rows or files compared so far in this pass, and their approximate total. */
  readonly done: number;
  readonly total: number;
}

/** A step that the mover began, with its duration until now or until the next one. */
export interface TimedStep extends Pick<Progress, 'step' | 'pass'> {
  readonly ms: number;
}

export type Report = (progress: Progress) => Promise<void>;

export interface TableResult {
  /** `inventory.stock` */
  readonly name: string;
  readonly rows: number;
  /** 64 bits over all rows, in hex. Absent where rows were compared in parts, before writes were paused. */
  readonly hash?: string;
}

/** The result of a move. Every table and file was identical on both sides at the time of the switch. */
export interface MoveResult {
  /** The side that has the data now. */
  readonly to: string;
  /** False if the data was already there and nothing was done. */
  readonly moved: boolean;
  readonly passes: number;
  /** Writes of rows on the other side; a row that was written twice counts twice. */
  readonly rowsCarried: number;
  readonly tables: readonly TableResult[];
  readonly files: number;
  readonly bytes: number;
  /** Duration of the freeze, and the number of writes that were delayed or refused during it. */
  readonly frozenMs: number;
  readonly held: number;
  readonly refused: number;
}

export interface TableComparison {
  readonly name: string;
  readonly rows: number;
  readonly otherRows: number;
  /** Rows that differed in both comparisons. */
  readonly different: number;
  /** Rows that the shop changed between two comparisons, among the first hundred that differ. */
  readonly inMotion: number;
  /** Primary keys of some differing rows. */
  readonly examples: readonly string[];
}

export interface CheckResult {
  /** The side that has the data, to which the other side was compared. */
  readonly data: string;
  readonly same: boolean;
  readonly tables: readonly TableComparison[];
  readonly files: number;
  readonly bytes: number;
  readonly differentFiles: number;
  readonly ms: number;
}

/** The effect of a step on shoppers. */
export function noticed(step: Step): string {
  const held: readonly Step[] = ['freeze', 'last rows', 'verify', 'switch'];
  return held.includes(step)
    ? 'reads go on; purchases and changes wait a moment'
    : 'none; reads and writes work as usual';
}

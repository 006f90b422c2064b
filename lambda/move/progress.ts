import type { Place } from './placement';

/** What the mover is at, in the order in which it happens. */
export type Step = 'start' | 'rows' | 'recheck' | 'photos' | 'freeze' | 'last rows' | 'verify' | 'switch';

/** Told at every step; a function that throws ends the move, with the data where the marker says. */
export interface Progress {
  readonly step: Step;
  /** How often everything was gone through before, and this time: 1, 2, … */
  readonly pass: number;
  /** `inventory.stock`, while rows are compared. */
  readonly table?: string;
  /** Rows, or files, of this pass that were compared so far, and about how many there are. */
  readonly done: number;
  readonly total: number;
}

export type Report = (progress: Progress) => Promise<void>;

export interface TableResult {
  /** `inventory.stock` */
  readonly name: string;
  readonly rows: number;
  /** 64 bits over all rows, in hex. */
  readonly hash: string;
}

/** What a move did. Every table and file was the same on both sides when the data changed its place. */
export interface MoveResult {
  readonly to: Place;
  /** False: the data was there already, and nothing was done. */
  readonly moved: boolean;
  readonly passes: number;
  /** Rows that were written on the other side, counted again each time. */
  readonly rowsCarried: number;
  readonly tables: readonly TableResult[];
  readonly files: number;
  readonly bytes: number;
  /** How long writes were held, and what came of those that arrived meanwhile. */
  readonly frozenMs: number;
  readonly held: number;
  readonly refused: number;
}

export interface TableComparison {
  readonly name: string;
  readonly rows: number;
  readonly otherRows: number;
  /** Rows that were different at both looks. */
  readonly different: number;
  /** Rows that changed between two looks: the shop is at work. Counted among the first hundred that differ. */
  readonly inMotion: number;
  /** Primary keys of some that are different. */
  readonly examples: readonly string[];
}

export interface CheckResult {
  /** Where the data is, which the other side was compared to. */
  readonly data: Place;
  readonly same: boolean;
  readonly tables: readonly TableComparison[];
  readonly files: number;
  readonly bytes: number;
  readonly differentFiles: number;
  readonly ms: number;
}

/** What somebody who shops now notices. */
export function noticed(step: Step): string {
  const held: readonly Step[] = ['freeze', 'last rows', 'verify', 'switch'];
  return held.includes(step)
    ? 'reading goes on; what is bought or saved now waits a moment'
    : 'nothing; the shop reads and writes as always';
}

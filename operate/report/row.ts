import type { Seen } from '../aws/seen';

/**
 * `ok`: as it has to be. `mend`: it is not, and a command mends it. `look`: no reading call tells, so a person has to
 * try. `unseen`: the call that would tell was refused. `skipped`: nothing to see in this phase, or not asked for.
 */
export type Verdict = 'ok' | 'mend' | 'look' | 'unseen' | 'skipped';

/** One thing that was looked at. */
export interface Row {
  readonly subject: string;
  readonly verdict: Verdict;
  readonly found: string;
  readonly needed: string;
  /** Commands, or the place of a text with them. Empty if nothing is to be done. */
  readonly mend: readonly string[];
}

/** A row from one fact: the verdict is `ok` without a command and `mend` with one. */
export function judged(subject: string, found: string, needed: string, mend: readonly string[] = []): Row {
  return { subject, found, needed, mend, verdict: mend.length > 0 ? 'mend' : 'ok' };
}

export function toLookAt(subject: string, found: string, needed: string, mend: readonly string[]): Row {
  return { subject, found, needed, mend, verdict: 'look' };
}

export function skipped(subject: string, found: string, needed = ''): Row {
  return { subject, found, needed, mend: [], verdict: 'skipped' };
}

/** Decides about a fact that was seen; else the row says why nobody could. */
export function fromSeen<Fact>(
  subject: string,
  needed: string,
  seen: Seen<Fact>,
  decide: (fact: Fact) => Row,
): Row {
  if ('fact' in seen) return decide(seen.fact);
  return { subject, needed, found: seen.unseen, mend: [], verdict: 'unseen' };
}

/** Exit codes. A run that found a fault ends with `mend`, also if it could not see everything. */
export const EXIT = { ready: 0, mend: 1, usage: 2, notAllSeen: 3 } as const;

export function exitCode(rows: readonly Row[]): number {
  const has = (...verdicts: Verdict[]) => rows.some(({ verdict }) => verdicts.includes(verdict));
  if (has('mend')) return EXIT.mend;
  return has('unseen', 'look') ? EXIT.notAllSeen : EXIT.ready;
}

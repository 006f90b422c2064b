import type { Phase } from '../../lib/phases';
import { limitsOf } from '../analysis/bottleneck';
import { fleetOf } from '../analysis/fleet';
import type { Run } from '../report/run';
import ASSUMED from './assumptions.json';
import { demandsOf, type ServiceDemands } from './demands';
import { type Load, withUsers } from './load';

/** The users with which a phase begins, by the words of lib/phases.ts. */
const WORDS: Readonly<Record<string, number>> = {
  '1': 0,
  hundreds: 100,
  'ten thousand': 10_000,
  'hundreds of thousands': 100_000,
  'a million': 1_000_000,
  'ten million': 10_000_000,
};

/** @throws Error for a number of users in words that are not known here */
export function beginsAt({ number, users }: Phase): number {
  const begin = WORDS[users];
  if (begin === undefined)
    throw new Error(
      `Phase ${number} is for "${users}" users; expected one of ${Object.keys(WORDS).join(', ')}`,
    );
  return begin;
}

/** A phase on the ladder for one mix of requests. */
export interface Rung {
  readonly phase: Phase;
  /** Users; the phase is for `from` up to but not including `to`. */
  readonly from: number;
  readonly to: number;
  /** Users that its largest fleet bears, with headroom at the peak. */
  readonly bears: number;
  /** The resource that is used up first. */
  readonly first: string;
  /** The reason to go on at `to`. */
  readonly because: 'capacity' | 'ladder' | 'nothing follows';
  readonly demands: ServiceDemands;
}

/**
 * All phases, each from where the previous one ends. A phase ends when its largest fleet is used up, or earlier: where
 * the next one begins by lib/phases.ts, for what load does not show (data that may be lost, minutes of downtime).
 */
export function ladderOf(phases: readonly Phase[], run: Run, load: Load): Rung[] {
  const rungs: Rung[] = [];
  for (const [at, phase] of phases.entries()) {
    const from = rungs.at(-1)?.to ?? 0;
    const next = phases[at + 1];
    const demands = demandsOf(phase, run, load);
    const { bears, first } = capacityOf(phase, demands, load);
    const meant = next ? beginsAt(next) : Number.POSITIVE_INFINITY;
    const to = next ? Math.max(from, Math.floor(Math.min(bears, meant))) : Number.POSITIVE_INFINITY;
    const because = !next ? 'nothing follows' : bears < meant ? 'capacity' : 'ladder';
    rungs.push({ phase, from, to, bears, first, because, demands });
  }
  return rungs;
}

function capacityOf(phase: Phase, { us }: ServiceDemands, load: Load): { bears: number; first: string } {
  const [first] = limitsOf(us, fleetOf(phase));
  const one = withUsers(load, 1);
  const most = ((first?.rate ?? 0) * ASSUMED.headroom.value) / one.peak;
  return { bears: most, first: first?.name.replace(/^the /, '') ?? 'nothing' };
}

/** The phase for a number of users. */
export function rungFor(ladder: readonly Rung[], users: number): Rung {
  const found = ladder.find(({ from, to }) => users >= from && users < to) ?? ladder.at(-1);
  if (!found) throw new Error('lib/phases.ts has no phase');
  return found;
}

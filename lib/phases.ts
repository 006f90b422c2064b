/**
 * The ladder. Each phase is the one before it plus a change, and deploying it changes the running system in place.
 * No construct asks for a phase's number: it receives the capability it needs.
 */
export interface Phase {
  /** What `-c phase=` names. */
  readonly number: number;
  readonly title: string;
  /** How many people use the shop, in words. */
  readonly users: string;
  /** What ran out in the phase before, and so leads to this one. */
  readonly bottleneck: string;
  /** What answers browsers. `box`: nginx and the app on one instance. */
  readonly web: 'box';
  /** Where the shop's SQL runs. `on-box`: MariaDB, its data on a volume of its own. */
  readonly database: { readonly placement: 'on-box' };
  /** Where people's photos are. `on-box`: on the same data volume. */
  readonly files: { readonly placement: 'on-box' };
}

const singleBox: Phase = {
  number: 1,
  title: 'Single box',
  users: '1',
  bottleneck: 'none yet: start with the least that works, and measure',
  web: 'box',
  database: { placement: 'on-box' },
  files: { placement: 'on-box' },
};

export const phases: readonly Phase[] = [singleBox];

export function phaseNumbered(number: number): Phase | undefined {
  return phases.find((phase) => phase.number === number);
}

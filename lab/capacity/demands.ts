import { groupName, type Phase } from '../../lib/phases';
import type { Demands } from '../analysis/utilization';
import type { Run } from '../report/run';
import { scenarioNamed } from '../scenarios/scenarios';
import type { Load } from './load';

/** CPU microseconds a request, of each component and each JavaScript thread. */
export interface ServiceDemands {
  readonly us: Demands;
  /** The phase that was measured: the newest one up to the wanted one. */
  readonly measuredIn: number;
  /** False if the lab's prediction and measurement differ too much, or another phase was measured. */
  readonly proven: boolean;
  /** For people; undefined if proven. */
  readonly doubt?: string;
}

type Row = Run['phases'][number];

/** Demands of a phase for a mix of reads and writes. @throws Error if the run measured no such phase */
export function demandsOf(
  phase: Phase,
  run: Run,
  { reads, writes }: Pick<Load, 'reads' | 'writes'>,
): ServiceDemands {
  const row = run.phases.filter((one) => one.phase <= phase.number).at(-1);
  if (!row)
    throw new Error(`The kept run of the lab has no phase up to ${phase.number}: npm run lab -- --keep`);
  const total = reads + writes;
  const writeShare = total > 0 ? writes / total : 0;
  const { ofRead, ofWrite } = splitByKind(row);
  const us = mixed(ofRead, ofWrite, writeShare);
  const doubt = doubtOf(phase, row);
  return {
    us: { ...us, ...ofUsersGroups(phase, row) },
    measuredIn: row.phase,
    proven: doubt === undefined,
    ...(doubt && { doubt }),
  };
}

function doubtOf(phase: Phase, row: Row): string | undefined {
  if (row.phase !== phase.number)
    return `phase ${phase.number} was not measured: demands of phase ${row.phase}`;
  if (!row.prediction.proven) return `the lab's row of phase ${row.phase} is unproven`;
  return undefined;
}

const WRITES = ['buy', 'buy hot', 'sign up', 'log in', 'photo'];

/** The lab measures a mix, and single actions alone. A read is the rest of the mix without its purchases. */
function splitByKind({ demand, scenario }: Row): { ofRead: Demands; ofWrite: Demands } {
  const mix = Object.entries(scenarioNamed(scenario)?.mix ?? {});
  const total = mix.reduce((sum, [, weight]) => sum + weight, 0);
  const share =
    mix.filter(([name]) => WRITES.includes(name)).reduce((sum, [, weight]) => sum + weight, 0) / total;
  const all = flat(demand.scenario);
  const buy = demand.actions.buy ? flat(demand.actions.buy) : all;
  const write = (name: string) => Math.min(buy[name] ?? 0, share > 0 ? (all[name] ?? 0) / share : 0);
  const names = Object.keys(all);
  return {
    ofWrite: Object.fromEntries(names.map((name) => [name, write(name)])),
    ofRead: Object.fromEntries(
      names.map((name) => [name, ((all[name] ?? 0) - share * write(name)) / (1 - share)]),
    ),
  };
}

const flat = ({ us, threads }: Row['demand']['scenario']): Record<string, number> => ({
  ...Object.fromEntries(Object.entries(us).map(([name, { mean }]) => [name, mean])),
  ...threads,
});

const mixed = (ofRead: Demands, ofWrite: Demands, writeShare: number): Demands =>
  Object.fromEntries(
    Object.keys(ofRead).map((name) => [
      name,
      (ofRead[name] ?? 0) * (1 - writeShare) + (ofWrite[name] ?? 0) * writeShare,
    ]),
  );

/** Log-ins and sign-ups for each request, as in the lab's business day. */
const PASSWORDS = 0.0025;

/**
 * A users service that the lab did not measure apart: its reads are profiles, its writes log-ins. Nothing is taken off
 * the inventory's, so both are rather too high than too low.
 */
function ofUsersGroups({ tiers }: Phase, { demand, scenario }: Row): Demands {
  if (tiers === 'none') return {};
  const names = tiers.groups.filter(({ service }) => service === 'users').map(groupName);
  const mix = scenarioNamed(scenario)?.mix ?? {};
  const total = Object.values(mix).reduce((sum, weight) => sum + weight, 0);
  const part = (action: string, component: string, share: number): Demands => {
    const found = demand.actions[action];
    if (!found) return {};
    const all = flat(found);
    const group = component === 'read' ? 'usersRead' : 'usersWrite';
    return {
      [group]: (all[component] ?? 0) * share,
      [`${group} thread`]: (all[`${component} thread`] ?? 0) * share,
    };
  };
  const all = {
    ...part('profile', 'read', (mix.profile ?? 0) / total),
    ...part('log in', 'write', PASSWORDS),
  };
  const measured = flat(demand.scenario);
  const wanted = names.flatMap((name) => [name, `${name} thread`]).filter((name) => !(name in measured));
  return Object.fromEntries(wanted.map((name) => [name, all[name] ?? 0]));
}

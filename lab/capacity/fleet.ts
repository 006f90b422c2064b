import { type GroupSize, groupName, mostInstances, type Phase } from '../../lib/phases';
import { vCpus } from '../../lib/scaling/vcpus';
import { CORE_FACTOR, CORES_OF_A_UNIT } from '../analysis/fleet';
import type { Demands } from '../analysis/utilization';
import ASSUMED from './assumptions.json';
import type { Load, Rate } from './load';

/** Hosts of a group. */
export interface GroupPlan {
  readonly name: string;
  readonly instanceType: string;
  /** At the average load, with the CPU at its target. */
  readonly average: number;
  /** At the peak, with the stated headroom. */
  readonly peak: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Capacity units of the database. */
export interface DatabasePlan {
  readonly writer: Need;
  /** Of all replicas together. */
  readonly replicas: Need;
  /** Clusters among which the writes have to be divided, by load alone. */
  readonly shards: number;
}

interface Need {
  readonly average: number;
  readonly peak: number;
}

const ZONES = 3;

/** The groups of a phase and the hosts that they need for a load. None on a single box. */
export function groupPlans({ tiers }: Phase, us: Demands, load: Load): GroupPlan[] {
  if (tiers === 'none') return [];
  return [
    planOf('web', tiers.web, us.nginx ?? 0, 0),
    ...tiers.groups.map((group) => {
      const name = groupName(group);
      return planOf(name, group.size, us[name] ?? 0, us[`${name} thread`] ?? 0);
    }),
  ];

  function planOf(name: string, size: GroupSize, cpu: number, thread: number): GroupPlan {
    const hosts = (rate: Rate, part: number) => {
      const ofCpu = coresFor(rate, cpu) / part / vCpus(size.instanceType);
      return evenly(Math.max(ofCpu, coresFor(rate, thread) / part));
    };
    const always = size.instances;
    return {
      name,
      instanceType: size.instanceType,
      average:
        size.scaling === 'fixed' ? always : Math.max(always, hosts(load.average, ASSUMED.target.value)),
      peak: Math.max(always, hosts(load.peak, ASSUMED.headroom.value)),
      minimum: always,
      maximum: mostInstances(size),
    };
  }
}

/** A multiple of the zones, at least one in each. */
const evenly = (hosts: number): number => Math.max(ZONES, Math.ceil(hosts / ZONES - 1e-9) * ZONES);

/** Cores of the fleet for a demand in CPU microseconds of the lab's machine. */
const coresFor = (rate: Rate, microseconds: number): number =>
  (rate * microseconds) / 1e6 / CORE_FACTOR.likely;

export function databasePlan(us: Demands, load: Load): DatabasePlan {
  const need = (microseconds: number): Need => ({
    average: coresFor(load.average, microseconds) / CORES_OF_A_UNIT / ASSUMED.target.value,
    peak: coresFor(load.peak, microseconds) / CORES_OF_A_UNIT / ASSUMED.headroom.value,
  });
  const writer = need(us.database ?? 0);
  return {
    writer,
    replicas: need((us.standby ?? 0) + (us.reader ?? 0)),
    shards: Math.max(1, Math.ceil(writer.peak / ASSUMED.unitsOfAnInstance.value)),
  };
}

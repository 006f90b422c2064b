import { type AuroraPlacement, type GroupSize, groupName, mostInstances, type Phase } from '../../lib/phases';
import { vCpus } from '../../lib/scaling/vcpus';
import type { Resource } from './bottleneck';

/**
 * The work of a core of the fleet, in units of a core of this machine. Assumed, since nothing was measured on Graviton:
 * figures for fleets carry this uncertainty.
 */
export const CORE_FACTOR = { likely: 0.7, low: 0.5, high: 1 } as const;

/** The default of phases 1 and 2. It may use both of its cores for as long as there are CPU credits or these are paid for. */
const BOX = 't4g.small';
/** By AWS, a capacity unit has the CPU that goes with its 2 GiB; an r6g.large has 16 GiB and two cores. */
export const CORES_OF_A_UNIT = 2 / 8;

/**
 * The resources of a phase's fleet that can be used up, groups that scale at their maximum, with cores in units of this
 * machine's. A process runs its JavaScript on one thread, so a host with two cores has one of them for that.
 */
export function fleetOf(phase: Phase, factor: number = CORE_FACTOR.likely): Resource[] {
  const resource = (name: string, serves: readonly string[], cores: number): Resource => ({
    ...{ name, serves },
    cores: cores * factor,
  });
  const { tiers, database } = phase;
  const aurora =
    database.placement === 'aurora'
      ? [resource('the CPU of the database', ['database'], coresOf(database))]
      : [];
  if (tiers === 'none') {
    const onTheBox = ['nginx', 'app', ...(aurora.length === 0 ? ['database'] : [])];
    return [
      resource('the JavaScript of the app', ['app thread'], 1),
      resource('the CPU of the box', onTheBox, vCpus(BOX)),
      ...aurora,
    ];
  }
  const replicas =
    database.placement === 'aurora' && database.readers > 0
      ? [
          resource(
            'the CPU of the replicas',
            ['standby', 'reader'],
            (database.readers + (database.standby ? 1 : 0)) * coresOf(database),
          ),
        ]
      : [];
  return [
    resource('the CPU of the web tier', ['nginx'], coresOfGroup(tiers.web)),
    ...tiers.groups.flatMap((group) => appTier(groupName(group), group.size)),
    ...aurora,
    ...replicas,
  ];

  function appTier(name: string, size: GroupSize): Resource[] {
    return [
      resource(`the JavaScript of the ${name} tier`, [`${name} thread`], mostInstances(size)),
      resource(`the CPU of the ${name} tier`, [name], coresOfGroup(size)),
    ];
  }
}

const coresOfGroup = (size: GroupSize): number => mostInstances(size) * vCpus(size.instanceType);

const coresOf = ({ capacity }: AuroraPlacement): number => capacity.max * CORES_OF_A_UNIT;

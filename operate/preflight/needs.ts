import type { Config } from '../../lib/config';
import type { GroupSize, Phase } from '../../lib/phases';
import { vCpus } from '../../lib/scaling/vcpus';

/** Room that a phase takes in the account. */
export interface Needs {
  readonly instanceTypes: readonly string[];
  /** Of running hosts at the worst moment: all groups at their maximum, and a release rolls. */
  readonly vCpus: number;
  /** Functions at the same time; young accounts have 10. */
  readonly functions: number;
}

export function needsOf({ phase, boxSize }: Pick<Config, 'phase' | 'boxSize'>): Needs {
  const groups = groupsOf(phase);
  const types = [...groups.map(({ instanceType }) => instanceType), ...boxTypes(phase, boxSize.name)];
  return {
    instanceTypes: [...new Set(types)],
    vCpus: sum(groups.map(vCpusOf)) + boxHosts[phase.box] * vCpus(boxSize.name),
    functions: phase.tiers === 'none' ? 10 : 100,
  };
}

function groupsOf({ tiers }: Phase): GroupSize[] {
  return tiers === 'none' ? [] : [tiers.web, ...tiers.groups.map(({ size }) => size)];
}

/** A box that is replaced overlaps with its successor; a retired one may run until the end of the step. */
const boxHosts = { serves: 2, retired: 1, gone: 0 } as const;

const boxTypes = (phase: Phase, name: string) => (phase.box === 'serves' ? [name] : []);

/** A fixed group rolls host by host; a refresh adds a third (decision 0131). */
function vCpusOf({ instances, instanceType, scaling }: GroupSize): number {
  const hosts = scaling === 'fixed' ? instances + 1 : Math.ceil(scaling.maximum * 1.34);
  return hosts * vCpus(instanceType);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

import type { Config } from '../../lib/config';
import { isInEdgeRegion, OUTPUT, partsOf, stackName } from '../../lib/names';
import { type FoundCall, newestCall } from '../aws/alarms';
import { databasesOf, type FoundDatabase, newestRestore, newestSnapshot } from '../aws/backups';
import type { Clients } from '../aws/clients';
import { type FoundGroup, type FoundImages, groupsOf, imagesOf } from '../aws/hosts';
import { type Seen, see } from '../aws/seen';
import { type DeployedGuard, deployedGuard, type FoundStack, findStack } from '../aws/stacks';
import { type AlarmFacts, alarmFacts } from './alarm-facts';
import { type Front, lookAtFront } from './front';

/** Everything that `doctor` looks at, but for the purchase. */
export interface Facts extends AlarmFacts {
  readonly deployed: Seen<DeployedGuard | undefined>;
  /** By name; undefined for one that is missing. */
  readonly stacks: Seen<ReadonlyMap<string, FoundStack | undefined>>;
  readonly groups: Seen<readonly FoundGroup[]>;
  readonly images: Seen<FoundImages>;
  readonly databases: Seen<readonly FoundDatabase[]>;
  readonly snapshot: Seen<Date | undefined>;
  readonly restore: Seen<Date | undefined>;
  readonly call: Seen<FoundCall | undefined>;
  /** Undefined if no stack names an address. */
  readonly front: Seen<Front | undefined>;
}

export async function lookUp(config: Config, clients: Clients): Promise<Facts> {
  const stack = (part: Parameters<typeof stackName>[1]) => stackName(config.name, part);
  const { autoScaling, cloudFormation, cloudWatch, ec2, rds } = clients;
  const stacks = await see(() => stacksOf(config, clients));
  const url = 'fact' in stacks ? urlOf(stacks.fact) : undefined;
  const databases = await see(() => databasesOf(rds, stack('Data')));
  const [deployed, groups, images, snapshot, restore, alarms, call, front] = await Promise.all([
    see(() => deployedGuard(cloudFormation, stack('Network'))),
    see(() => groupsOf(autoScaling, stack('Services'))),
    see(() => imagesOf(ec2, stack('Services'))),
    see(() => newestSnapshot(ec2, config.name)),
    'fact' in databases
      ? see(() =>
          newestRestore(
            clients.cloudTrail,
            databases.fact.map(({ id }) => id),
          ),
        )
      : databases,
    alarmFacts(config, clients),
    see(() => newestCall(cloudWatch, stack('Operations'))),
    see(async () => url && lookAtFront(url)),
  ]);
  return {
    ...{ deployed, stacks, groups, images, databases, snapshot, restore, call, ...alarms },
    front: 'unseen' in stacks ? stacks : (front as Seen<Front | undefined>),
  };
}

async function stacksOf(
  { name, phase, domain, region }: Config,
  { cloudFormation, cloudFormationUsEast1 }: Clients,
): Promise<ReadonlyMap<string, FoundStack | undefined>> {
  const parts = partsOf(phase.edge === 'cdn', domain !== undefined, region);
  const found = await Promise.all(
    parts.map(async (part) => {
      const stack = stackName(name, part);
      const client = isInEdgeRegion(part) ? cloudFormationUsEast1 : cloudFormation;
      return [stack, await findStack(client, stack)] as const;
    }),
  );
  return new Map(found);
}

/** The last stack that names one: the edge moves the traffic. */
function urlOf(stacks: ReadonlyMap<string, FoundStack | undefined>): string | undefined {
  return [...stacks.values()].map((stack) => stack?.outputs[OUTPUT.url]).findLast((url) => url);
}

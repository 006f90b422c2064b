import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import type { Placement } from '../../lambda/data-migration/placement/placement';
import type { Config } from '../../lib/config';
import { isInEdgeRegion, OUTPUT, type StackPart, stackName } from '../../lib/names';
import {
  addresses,
  type DefaultKey,
  defaultKey,
  hasBalancer,
  hasDistribution,
  hasRole,
  networks,
  quotaOf,
} from '../aws/account';
import type { Clients } from '../aws/clients';
import { allAtOnce, type Seen, see } from '../aws/seen';
import { type DeployedGuard, deployedGuard, type FoundStack, findStack } from '../aws/stacks';
import { zoneIds, zonesWithInstances, zonesWithServerlessDatabases } from '../aws/zones';
import { needsOf } from './needs';
import { QUOTAS } from './quota-names';

/** Everything that `preflight` looks at. Each fact is looked up on its own, so that a denial hides no other. */
export interface Facts {
  readonly bootstrap: Seen<FoundStack | undefined>;
  readonly bootstrapUsEast1: Seen<FoundStack | undefined>;
  readonly deployed: Seen<DeployedGuard | undefined>;
  readonly stacks: Seen<ReadonlyMap<string, FoundStack>>;
  readonly zoneIds: Seen<ReadonlyMap<string, string>>;
  readonly zonesWith: ReadonlyMap<string, Seen<readonly string[]>>;
  readonly databaseZones: Seen<readonly string[]>;
  readonly quotas: Readonly<Record<keyof typeof QUOTAS, Seen<number>>>;
  readonly addresses: Seen<number>;
  readonly networks: Seen<number>;
  readonly databaseRole: Seen<boolean>;
  readonly cacheRole: Seen<boolean>;
  readonly defaultKey: Seen<DefaultKey>;
  readonly balancer: Seen<boolean>;
  readonly distribution: Seen<boolean>;
  /** Undefined if nothing says where the data is, which means on the box. */
  readonly placement: Seen<Placement | undefined>;
}

const PARTS: readonly StackPart[] = [
  'Network',
  'Data',
  'Services',
  'Global',
  'Edge',
  'EdgeAlarms',
  'Operations',
];

export function lookUp(config: Config, clients: Clients): Promise<Facts> {
  const { cloudFormation, cloudFormationUsEast1, ec2, iam } = clients;
  const quota = (name: keyof typeof QUOTAS) => see(() => quotaOf(clients.quotas, QUOTAS[name]));
  return allAtOnce({
    bootstrap: see(() => findStack(cloudFormation, 'CDKToolkit')),
    bootstrapUsEast1: see(() => findStack(cloudFormationUsEast1, 'CDKToolkit')),
    deployed: see(() => deployedGuard(cloudFormation, stackName(config.name, 'Network'))),
    stacks: see(() => stacksOf(config.name, clients)),
    zoneIds: see(() => zoneIds(ec2)),
    zonesWith: offers(config, clients),
    databaseZones: see(() => zonesWithServerlessDatabases(clients.rds)),
    quotas: allAtOnce({
      hosts: quota('hosts'),
      functions: quota('functions'),
      addresses: quota('addresses'),
      networks: quota('networks'),
      rules: quota('rules'),
    }),
    addresses: see(() => addresses(ec2)),
    networks: see(() => networks(ec2)),
    databaseRole: see(() => hasRole(iam, 'AWSServiceRoleForRDS')),
    cacheRole: see(() => hasRole(iam, 'AWSServiceRoleForElastiCache')),
    defaultKey: see(() => defaultKey(ec2, clients.kms)),
    balancer: see(() => hasBalancer(clients.elb)),
    distribution: see(() => hasDistribution(clients.cloudFront)),
    placement: see(() => placementOf(config.name, clients)),
  });
}

async function stacksOf(shop: string, clients: Clients): Promise<ReadonlyMap<string, FoundStack>> {
  const found = new Map<string, FoundStack>();
  for (const part of PARTS) {
    const client = isInEdgeRegion(part) ? clients.cloudFormationUsEast1 : clients.cloudFormation;
    const stack = await findStack(client, stackName(shop, part));
    if (stack) found.set(stackName(shop, part), stack);
  }
  return found;
}

async function offers(config: Config, { ec2 }: Clients): Promise<Map<string, Seen<readonly string[]>>> {
  const found = new Map<string, Seen<readonly string[]>>();
  for (const type of needsOf(config).instanceTypes)
    found.set(type, await see(() => zonesWithInstances(ec2, type)));
  return found;
}

async function placementOf(shop: string, { cloudFormation, s3 }: Clients): Promise<Placement | undefined> {
  const data = await findStack(cloudFormation, stackName(shop, 'Data'));
  const bucket = data?.outputs[OUTPUT.deploymentsBucket];
  return bucket ? (await s3Marker(s3, bucket).read())?.placement : undefined;
}

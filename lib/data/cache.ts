import { Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISubnet } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type CacheLimits, capitalized } from '../phases';
import { accessString, type CacheClient, serviceClients, sharedClients } from './cache-access';

export interface CacheProps {
  readonly limits: CacheLimits;
  readonly key: IKey;
  /** One per zone. */
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
  /** True if each service has users of its own, for its own keys. */
  readonly servicesApart: boolean;
}

/**
 * Valkey on ElastiCache Serverless: over all zones, always with TLS, encrypted with the shop's key (decision 0120).
 * It holds copies alone, so it has no snapshots and goes with its stack.
 */
export class Cache extends Construct {
  /** The dimension `clusterId` of its metrics. */
  readonly name: string;
  readonly limits: CacheLimits;
  private readonly cache: CfnServerlessCache;
  private readonly users: ReadonlyMap<string, CfnUser>;

  constructor(
    scope: Construct,
    id: string,
    { limits, key, subnets, securityGroupId, servicesApart }: CacheProps,
  ) {
    super(scope, id);
    this.limits = limits;
    this.name = derivedName(this);
    const clients = [...sharedClients, ...(servicesApart ? serviceClients : [])];
    this.users = new Map(clients.map((client) => [nameOf(client), this.createUser(client)]));
    // Hosts of both services log in as these until they are replaced, later in the deploy that takes the services apart.
    if (servicesApart)
      for (const client of sharedClients) Stack.of(this).exportValue(this.userOf(client).attrArn);
    const group = new Construct(this, 'Users');
    // Without the user `default`: a group for Valkey takes only users that prove who they are.
    const users = new CfnUserGroup(group, 'Group', {
      engine: 'valkey',
      userGroupId: derivedName(group),
      userIds: [...this.users.values()].map(({ ref }) => ref),
    });
    this.cache = new CfnServerlessCache(this, 'Cache', {
      serverlessCacheName: this.name,
      engine: 'valkey',
      majorEngineVersion: '8',
      cacheUsageLimits: {
        dataStorage: { maximum: limits.maxGigabytes, unit: 'GB' },
        ecpuPerSecond: { maximum: limits.maxUnitsPerSecond },
      },
      kmsKeyId: key.keyArn,
      subnetIds: subnets.map(({ subnetId }) => subnetId),
      securityGroupIds: [securityGroupId],
      userGroupId: users.ref,
    });
    this.cache.applyRemovalPolicy(RemovalPolicy.DESTROY);
  }

  /** The URL for the hosts of a group, in the form of the setting CACHE. It contains no secret. */
  url(client: CacheClient): string {
    const { attrEndpointAddress: host } = this.cache;
    return `valkeys://${host}:${cachePort}?user=${this.userOf(client).userId}&cache=${this.name}`;
  }

  /** Lets the role log in as the user of its group. A token is signed with the role's own credentials. */
  grantConnect(role: Role, client: CacheClient): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['elasticache:Connect'],
        resources: [this.cache.attrArn, this.userOf(client).attrArn],
      }),
    );
  }

  private userOf(client: CacheClient): CfnUser {
    const user = this.users.get(nameOf(client));
    if (!user) throw new Error(`The cache of this phase has no user "${nameOf(client)}"`);
    return user;
  }

  private createUser(client: CacheClient): CfnUser {
    const user = new Construct(this, nameOf(client));
    const userId = derivedName(user);
    return new CfnUser(user, 'User', {
      engine: 'valkey',
      // IAM authentication takes equal ones.
      userId,
      userName: userId,
      accessString: accessString(client),
      authenticationMode: { Type: 'iam' },
    });
  }
}

/** In construct ids: `Read`, `UsersRead`, `InventoryRead`. */
const nameOf = ({ service, access }: CacheClient) =>
  `${service === 'all' ? '' : capitalized(service)}${capitalized(access)}`;

/** As in the firewall's rules. */
const cachePort = 6379;

/**
 * CloudFormation demands these names and never changes them (rule CDK-3). They are lower case: a login token is signed
 * for the name as it is stored. Hyphens are left out: two in a row are refused.
 */
const derivedName = (construct: Construct) =>
  Names.uniqueResourceName(construct, { maxLength: 40 }).toLowerCase();

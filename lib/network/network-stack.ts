import { Aws, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnInstanceConnectEndpoint,
  CfnInternetGateway,
  CfnSubnet,
  CfnVPCGatewayAttachment,
  IpAddresses,
  type IVpc,
  PrivateSubnet,
  PublicSubnet,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { PhaseGuard } from '../guard/phase-guard';
import { groupName, hasServices, type Phase, type Tiers } from '../phases';
import { subnetsOf, type Tier, vpcCidr } from './address-plan';
import { Endpoints } from './endpoints';
import { Firewall, type Member } from './firewall';
import { FlowLog } from './flow-log';
import { PrefixList } from './prefix-list';
import type { Zones } from './zones';

export interface NetworkStackProps extends StackProps {
  /** `number` and `requires` are only for the guard. */
  readonly phase: Pick<
    Phase,
    'number' | 'requires' | 'box' | 'database' | 'usersDatabase' | 'tiers' | 'cache' | 'photos' | 'warehouse'
  >;
  readonly zones: Zones;
  /** Clusters over which users may be divided, once they have one of their own. */
  readonly userShards: number;
  /** True if the CDN uses TLS to the web balancer, which requires a domain. */
  readonly tlsFromCdn: boolean;
  /** Address ranges that may reach port 22. Empty: an Instance Connect endpoint is created instead. */
  readonly sshCidrs: readonly string[];
}

export interface ElasticIp {
  readonly ip: string;
  readonly allocationId: string;
}

/** The subnets of the hosts and load balancers of the tiers. */
export interface NetworkTiers {
  readonly vpc: IVpc;
  /** For the web balancer and the web servers. */
  readonly web: readonly PrivateSubnet[];
  /** For the app balancer and the application servers. */
  readonly app: readonly PrivateSubnet[];
  readonly firewall: Firewall;
}

/** The subnets without a route to the internet. */
export interface NetworkInside {
  readonly vpc: IVpc;
  /** For functions and endpoints, and in later phases the app. */
  readonly app: readonly PrivateSubnet[];
  /** For the database and the cache: no route out, not even to S3. */
  readonly data: readonly PrivateSubnet[];
  readonly databaseGroupId: string;
  /** Present once the users have a cluster of their own. */
  readonly usersDatabaseGroupId?: string;
  readonly maintenanceGroupId: string;
  /** Present once there is a cache. */
  readonly cacheGroupId?: string;
  /** Present once there is a warehouse. */
  readonly warehouseGroupId?: string;
}

/** The VPC, the firewall and the permanent address of the shop. Deployed first, so the guard is here. */
export class NetworkStack extends Stack {
  readonly firewall: Firewall;
  /** Present once something runs there. */
  readonly inside?: NetworkInside;
  readonly tiers?: NetworkTiers;
  /** In the zone of the data volume. */
  readonly firstPublicSubnetId: string;
  /** The Elastic IP. Absent once the box is gone: it then belongs to the account alone (decision 0132). */
  readonly address?: ElasticIp;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    const { phase } = props;
    const managed = phase.database.placement === 'aurora';
    const guard = new PhaseGuard(this, 'Guard', {
      phase: phase.number,
      requires: phase.requires,
      zones: props.zones,
      hasMarker: managed,
      userShards: phase.usersDatabase === 'shared' ? undefined : props.userShards,
    });

    // Subnets come from the address plan: the construct would renumber them as tiers are added.
    const vpc = new Vpc(this, 'Vpc', { ipAddresses: IpAddresses.cidr(vpcCidr), subnetConfiguration: [] });
    new FlowLog(this, 'Flows', vpc);
    const publicSubnets = this.createPublicSubnets(vpc, props.zones);
    const [first] = publicSubnets as [PublicSubnet];
    this.firstPublicSubnetId = first.subnetId;
    const inside = managed && {
      app: this.createSubnets(vpc, 'app', props.zones),
      data: this.createSubnets(vpc, 'data', props.zones),
    };
    const web = phase.tiers === 'none' ? undefined : this.createSubnets(vpc, 'web', props.zones);

    // Hosts of the tiers have no public address: the endpoint is their only SSH access.
    const byEndpoint = props.sshCidrs.length === 0 || web !== undefined;
    const s3 = new PrefixList(this, 'S3', { of: 'S3', listName: `com.amazonaws.${Aws.REGION}.s3` });
    const cdn = web && [
      new PrefixList(this, 'Cdn', { of: 'CloudFront', listName: cloudFront, lookup: s3.lookup }).id,
    ];
    const hasWorkers = phase.photos !== 'in-process';
    const usersDivided = phase.usersDatabase !== 'shared' && props.userShards > 1;
    const dynamodb = hasWorkers && [
      new PrefixList(this, 'DynamoDb', {
        of: 'DynamoDB',
        listName: `com.amazonaws.${Aws.REGION}.dynamodb`,
        lookup: s3.lookup,
      }).id,
    ];
    this.firewall = new Firewall(this, 'Firewall', {
      vpc,
      members: [
        ...(phase.box === 'gone' ? [] : (['box'] as const)),
        'logs',
        ...(byEndpoint ? (['connect'] as const) : []),
        ...(managed ? insideMembers : []),
        ...(phase.usersDatabase === 'shared' ? [] : (['usersDatabase'] as const)),
        ...(phase.tiers === 'none' ? [] : tierMembers(phase.tiers)),
        ...(phase.cache === 'none' ? [] : (['cache'] as const)),
        ...(phase.warehouse === 'none' ? [] : (['warehouse'] as const)),
        ...(hasWorkers ? (['queue'] as const) : []),
      ],
      closed: phase.box === 'retired' ? ['box'] : [],
      functions: phase.tiers === 'none' ? [] : functionMembers(phase.tiers),
      outsiders: {
        internet: ['0.0.0.0/0'],
        operators: props.sshCidrs,
        s3: [s3.id],
        dynamodb: dynamodb || [],
        directory: (usersDivided && dynamodb) || [],
        cdn: cdn && props.tlsFromCdn ? cdn : [],
        cdnInClear: cdn && !props.tlsFromCdn ? cdn : [],
      },
    });
    // The box is in the first zone, the tiers in all three: a zone failure must not cut off the passwords.
    const [ownZone, ...otherZones] = inside ? inside.app : [];
    const spread = web ? otherZones : [];
    new Endpoints(this, 'Endpoints', {
      vpc,
      // Not from the data subnets: a database makes no outbound calls.
      routeTables: [...publicSubnets, ...(inside ? inside.app : []), ...(web ?? [])].map(
        (one) => one.routeTable.routeTableId,
      ),
      logs: { subnets: [first, ...spread], groupId: this.firewall.groupId('logs') },
      secrets: ownZone && {
        subnets: [ownZone, ...spread],
        groupId: this.firewall.groupId('secrets'),
      },
      ...(hasWorkers &&
        ownZone && {
          queue: { subnets: [ownZone, ...spread], groupId: this.firewall.groupId('queue') },
        }),
    });
    // Other zones would replace subnets: the guard refuses them before.
    for (const each of this.node.findAll())
      if (each instanceof CfnSubnet) each.addResourceDependency(guard.agreed);
    if (inside && web) this.tiers = { vpc, web, app: inside.app, firewall: this.firewall };
    if (inside) {
      this.inside = {
        ...inside,
        vpc,
        databaseGroupId: this.firewall.groupId('database'),
        maintenanceGroupId: this.firewall.groupId('maintenance'),
        ...(phase.usersDatabase !== 'shared' && {
          usersDatabaseGroupId: this.firewall.groupId('usersDatabase'),
        }),
        ...(phase.cache !== 'none' && { cacheGroupId: this.firewall.groupId('cache') }),
        ...(phase.warehouse !== 'none' && { warehouseGroupId: this.firewall.groupId('warehouse') }),
      };
    }
    if (byEndpoint) {
      new CfnInstanceConnectEndpoint(this, 'Connect', {
        subnetId: first.subnetId,
        securityGroupIds: [this.firewall.groupId('connect')],
      });
    }

    if (phase.box !== 'gone') this.address = this.createAddress();
    if (phase.box === 'retired' && this.address) this.keepForTheBox(this.address, first);
  }

  private createAddress(): ElasticIp {
    const address = new CfnEIP(this, 'Address', { domain: 'vpc', tags: [{ key: 'Name', value: 'Shop' }] });
    // Not retained when its creation fails: every attempt would leave one, and an account may have five.
    address.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    // With a domain, the export is unused once the name points to the CDN; kept for one more phase (rule CDK-8).
    this.exportValue(address.attrPublicIp);
    return { ip: address.attrPublicIp, allocationId: address.attrAllocationId };
  }

  /** The services stack imports these until it is updated, after this one. */
  private keepForTheBox({ allocationId }: ElasticIp, { subnetId }: PublicSubnet): void {
    for (const value of [allocationId, subnetId, this.firewall.groupId('box')]) this.exportValue(value);
  }

  private createSubnets(vpc: Vpc, tier: Tier, zones: Zones): PrivateSubnet[] {
    const name = tier.charAt(0).toUpperCase() + tier.slice(1);
    return subnetsOf(tier, zones).map(
      ({ cidr, availabilityZone }, zone) =>
        new PrivateSubnet(this, `${name}${zone + 1}`, {
          vpcId: vpc.vpcId,
          cidrBlock: cidr,
          availabilityZone,
          mapPublicIpOnLaunch: false,
        }),
    );
  }

  private createPublicSubnets(vpc: Vpc, zones: Zones): PublicSubnet[] {
    const gateway = new CfnInternetGateway(this, 'Internet');
    const attachment = new CfnVPCGatewayAttachment(this, 'InternetAttachment', {
      vpcId: vpc.vpcId,
      internetGatewayId: gateway.ref,
    });
    return subnetsOf('public', zones).map(({ cidr, availabilityZone }, zone) => {
      const subnet = new PublicSubnet(this, `Public${zone + 1}`, {
        vpcId: vpc.vpcId,
        cidrBlock: cidr,
        availabilityZone,
        mapPublicIpOnLaunch: false,
      });
      subnet.addDefaultInternetRoute(gateway.ref, attachment);
      return subnet;
    });
  }
}

/** Members in the subnets without a route to the internet. */
const insideMembers: readonly Member[] = ['secrets', 'database', 'maintenance'];

const tierMembers = ({ groups }: Tiers): Member[] => [
  ...(['webBalancer', 'web', 'appBalancer', 'read', 'write'] as const),
  ...groups.map(groupName).filter((name) => name !== 'read' && name !== 'write'),
  ...(hasServices(groups) ? (['rpcBalancer'] as const) : []),
];

const functionMembers = ({ groups }: Tiers): Member[] =>
  groups.filter(({ compute }) => compute === 'lambda').map(groupName);

/** The source addresses of CloudFront's requests to origins, VPC origins included. */
const cloudFront = 'com.amazonaws.global.cloudfront.origin-facing';

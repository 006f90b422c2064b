import { Aws, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnInstanceConnectEndpoint,
  CfnInternetGateway,
  CfnVPCGatewayAttachment,
  IpAddresses,
  type IVpc,
  PrivateSubnet,
  PublicSubnet,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { PhaseGuard } from '../guard/phase-guard';
import type { Phase } from '../phases';
import { subnetsOf, type Tier, vpcCidr } from './address-plan';
import { Endpoints } from './endpoints';
import { Firewall, type Member } from './firewall';
import { FlowLog } from './flow-log';
import { PrefixList } from './prefix-list';

export interface NetworkStackProps extends StackProps {
  /** The number of the phase and what it requires: for the guard alone. */
  readonly phase: number;
  readonly requires: Phase['requires'];
  readonly database: Phase['database'];
  readonly tiers: Phase['tiers'];
  /** Whether the CDN speaks TLS to the web balancer, which takes a domain. */
  readonly tlsFromCdn: boolean;
  /** Who may reach port 22; empty: an Instance Connect endpoint is made instead. */
  readonly sshCidrs: readonly string[];
}

/** Where the hosts and the load balancers of the tiers are put. */
export interface NetworkTiers {
  readonly vpc: IVpc;
  /** For the web balancer and the web servers. */
  readonly web: readonly PrivateSubnet[];
  /** For the app balancer and the application servers. */
  readonly app: readonly PrivateSubnet[];
  readonly firewall: Firewall;
}

/** What things without a way to the internet are put into. */
export interface NetworkInside {
  readonly vpc: IVpc;
  /** For functions and endpoints, and later the app. */
  readonly app: readonly PrivateSubnet[];
  /** For the database: nothing leads out of it, S3 included. */
  readonly data: readonly PrivateSubnet[];
  readonly databaseGroupId: string;
  readonly maintenanceGroupId: string;
}

/** The VPC, every open port, and the address that the shop keeps for life. Deployed first, so the guard is here. */
export class NetworkStack extends Stack {
  readonly firewall: Firewall;
  /** Once something is to be there. */
  readonly inside?: NetworkInside;
  readonly tiers?: NetworkTiers;
  /** In the first zone, where the data volume is. */
  readonly firstPublicSubnetId: string;
  /** The Elastic IP. */
  readonly address: { readonly ip: string; readonly allocationId: string };

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    const managed = props.database.placement === 'aurora';
    new PhaseGuard(this, 'Guard', { phase: props.phase, requires: props.requires, hasMarker: managed });

    // Subnets come from the address plan, not from the construct, which would renumber them as tiers are added.
    const vpc = new Vpc(this, 'Vpc', { ipAddresses: IpAddresses.cidr(vpcCidr), subnetConfiguration: [] });
    new FlowLog(this, 'Flows', vpc);
    const publicSubnets = this.createPublicSubnets(vpc);
    const [first] = publicSubnets as [PublicSubnet];
    this.firstPublicSubnetId = first.subnetId;
    const inside = managed && {
      app: this.createSubnets(vpc, 'app'),
      data: this.createSubnets(vpc, 'data'),
    };
    const web = props.tiers === 'none' ? undefined : this.createSubnets(vpc, 'web');

    // Hosts of the tiers have no public address: the endpoint is the only way to a shell there.
    const byEndpoint = props.sshCidrs.length === 0 || web !== undefined;
    const s3 = new PrefixList(this, 'S3', { of: 'S3', listName: `com.amazonaws.${Aws.REGION}.s3` });
    const cdn = web && [
      new PrefixList(this, 'Cdn', { of: 'CloudFront', listName: cloudFront, lookup: s3.lookup }).id,
    ];
    this.firewall = new Firewall(this, 'Firewall', {
      vpc,
      members: [
        'box',
        'logs',
        ...(byEndpoint ? (['connect'] as const) : []),
        ...(managed ? insideMembers : []),
        ...(web ? tierMembers : []),
      ],
      outsiders: {
        internet: ['0.0.0.0/0'],
        operators: props.sshCidrs,
        s3: [s3.id],
        cdn: cdn && props.tlsFromCdn ? cdn : [],
        cdnInClear: cdn && !props.tlsFromCdn ? cdn : [],
      },
    });
    // The box is in the first zone; the tiers are in all, and one that is down must not take the passwords away.
    const [ownZone, ...otherZones] = inside ? inside.app : [];
    const spread = web ? otherZones : [];
    new Endpoints(this, 'Endpoints', {
      vpc,
      // Not from where the data is: a database calls nobody.
      routeTables: [...publicSubnets, ...(inside ? inside.app : []), ...(web ?? [])].map(
        (one) => one.routeTable.routeTableId,
      ),
      logs: { subnets: [first, ...spread], groupId: this.firewall.groupId('logs') },
      secrets: ownZone && {
        subnets: [ownZone, ...spread],
        groupId: this.firewall.groupId('secrets'),
      },
    });
    if (inside && web) this.tiers = { vpc, web, app: inside.app, firewall: this.firewall };
    if (inside) {
      this.inside = {
        ...inside,
        vpc,
        databaseGroupId: this.firewall.groupId('database'),
        maintenanceGroupId: this.firewall.groupId('maintenance'),
      };
    }
    if (byEndpoint) {
      new CfnInstanceConnectEndpoint(this, 'Connect', {
        subnetId: first.subnetId,
        securityGroupIds: [this.firewall.groupId('connect')],
      });
    }

    const address = new CfnEIP(this, 'Address', { domain: 'vpc', tags: [{ key: 'Name', value: 'Shop' }] });
    // Not when the deploy that made it fails: each try would leave one, and an account may have five.
    address.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.address = { ip: address.attrPublicIp, allocationId: address.attrAllocationId };
    // With a domain, nobody reads it any more once the name leads to the CDN: kept a phase longer (rule C8).
    this.exportValue(address.attrPublicIp);
  }

  private createSubnets(vpc: Vpc, tier: Tier): PrivateSubnet[] {
    const name = tier.charAt(0).toUpperCase() + tier.slice(1);
    return subnetsOf(tier).map(
      ({ cidr, availabilityZone }, zone) =>
        new PrivateSubnet(this, `${name}${zone + 1}`, {
          vpcId: vpc.vpcId,
          cidrBlock: cidr,
          availabilityZone,
          mapPublicIpOnLaunch: false,
        }),
    );
  }

  private createPublicSubnets(vpc: Vpc): PublicSubnet[] {
    const gateway = new CfnInternetGateway(this, 'Internet');
    const attachment = new CfnVPCGatewayAttachment(this, 'InternetAttachment', {
      vpcId: vpc.vpcId,
      internetGatewayId: gateway.ref,
    });
    return subnetsOf('public').map(({ cidr, availabilityZone }, zone) => {
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

/** What there is in the subnets without a way to the internet. */
const insideMembers: readonly Member[] = ['secrets', 'database', 'maintenance'];

const tierMembers: readonly Member[] = ['webBalancer', 'web', 'appBalancer', 'read', 'write'];

/** The addresses that CloudFront calls origins from, those of VPC origins included. */
const cloudFront = 'com.amazonaws.global.cloudfront.origin-facing';

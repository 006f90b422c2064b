import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnInstanceConnectEndpoint,
  CfnInternetGateway,
  CfnVPCGatewayAttachment,
  IpAddresses,
  PublicSubnet,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { PhaseGuard } from '../guard/phase-guard';
import { subnetsOf, vpcCidr } from './address-plan';
import { Endpoints } from './endpoints';
import { Firewall } from './firewall';
import { FlowLog } from './flow-log';
import { S3PrefixList } from './s3-prefix-list';

export interface NetworkStackProps extends StackProps {
  /** The number of the phase, for the guard alone. */
  readonly phase: number;
  /** Who may reach port 22; empty: an Instance Connect endpoint is made instead. */
  readonly sshCidrs: readonly string[];
}

/** The VPC, every open port, and the address that the shop keeps for life. Deployed first, so the guard is here. */
export class NetworkStack extends Stack {
  readonly firewall: Firewall;
  /** In the first zone, where the data volume is. */
  readonly firstPublicSubnetId: string;
  /** The Elastic IP. */
  readonly address: { readonly ip: string; readonly allocationId: string };

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    new PhaseGuard(this, 'Guard', props.phase);

    // Subnets come from the address plan, not from the construct, which would renumber them as tiers are added.
    const vpc = new Vpc(this, 'Vpc', { ipAddresses: IpAddresses.cidr(vpcCidr), subnetConfiguration: [] });
    new FlowLog(this, 'Flows', vpc);
    const publicSubnets = this.createPublicSubnets(vpc);
    const [first] = publicSubnets as [PublicSubnet];
    this.firstPublicSubnetId = first.subnetId;

    const byEndpoint = props.sshCidrs.length === 0;
    this.firewall = new Firewall(this, 'Firewall', {
      vpc,
      members: byEndpoint ? ['box', 'logs', 'connect'] : ['box', 'logs'],
      outsiders: {
        internet: ['0.0.0.0/0'],
        operators: props.sshCidrs,
        s3: [new S3PrefixList(this, 'S3').id],
      },
    });
    new Endpoints(this, 'Endpoints', {
      vpc,
      routeTables: publicSubnets.map(({ routeTable }) => routeTable.routeTableId),
      subnet: first,
      logsGroupId: this.firewall.groupId('logs'),
    });
    if (byEndpoint) {
      new CfnInstanceConnectEndpoint(this, 'Connect', {
        subnetId: first.subnetId,
        securityGroupIds: [this.firewall.groupId('connect')],
      });
    }

    const address = new CfnEIP(this, 'Address', { domain: 'vpc', tags: [{ key: 'Name', value: 'Shop' }] });
    address.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.address = { ip: address.attrPublicIp, allocationId: address.attrAllocationId };
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

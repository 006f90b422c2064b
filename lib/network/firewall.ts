import {
  CfnSecurityGroupEgress,
  CfnSecurityGroupIngress,
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';

/** What has a security group. The text is the group's description: changing one would replace the group (rule C9). */
const members = {
  box: 'The box: nginx, the app and the database on one instance',
  connect: 'EC2 Instance Connect endpoint: the way to a shell without an open port 22',
  logs: 'Interface endpoint of CloudWatch Logs',
  secrets: 'Interface endpoint of Secrets Manager',
  database: 'Aurora: the rows of users and inventory',
  maintenance: 'Functions that migrate the database and change its passwords',
} as const;

export type Member = keyof typeof members;
/** What is not ours: everybody, the ranges given as sshCidrs, and S3's managed prefix list. */
type Outsider = 'internet' | 'operators' | 's3';

interface Rule {
  readonly from: Member | Outsider;
  readonly to: Member | Outsider;
  readonly port: number;
  readonly why: string;
}

/**
 * Who may talk to whom, in every phase: the one place where a port is opened (rule L9). A row applies when both its
 * ends exist. What is not here is closed; DNS, time and instance metadata are the VPC's own and pass no group.
 */
export const rules: readonly Rule[] = [
  { from: 'internet', to: 'box', port: 80, why: 'Browsers, redirected to HTTPS' },
  { from: 'internet', to: 'box', port: 443, why: 'Browsers' },
  { from: 'operators', to: 'box', port: 22, why: 'SSH from the given addresses' },
  { from: 'connect', to: 'box', port: 22, why: 'SSH through the Instance Connect endpoint' },
  { from: 'box', to: 's3', port: 443, why: 'Packages, releases and files' },
  { from: 'box', to: 'logs', port: 443, why: 'Logs and metrics' },
  { from: 'box', to: 'database', port: 3306, why: 'The shop reads and writes its rows' },
  { from: 'box', to: 'secrets', port: 443, why: 'Passwords of the database' },
  { from: 'maintenance', to: 'database', port: 3306, why: 'Migrations, accounts and passwords' },
  { from: 'maintenance', to: 'secrets', port: 443, why: 'Passwords of the database' },
  { from: 'maintenance', to: 's3', port: 443, why: 'Answers to CloudFormation' },
];

export interface FirewallProps {
  readonly vpc: IVpc;
  readonly members: readonly Member[];
  /** The address ranges of each outsider that exists; S3's is a prefix list id. */
  readonly outsiders: Readonly<Record<Outsider, readonly string[]>>;
}

/** One security group a member, and its rules as resources of their own, so that a new row changes no old one. */
export class Firewall extends Construct {
  private readonly groups = new Map<string, ISecurityGroup>();

  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    for (const member of props.members) this.groups.set(member, this.createGroup(member, props.vpc));
    for (const rule of rules) this.open(rule, props.outsiders);
  }

  /** The group of a member that this phase has. */
  groupId(member: Member): string {
    const group = this.groups.get(member);
    if (!group) throw new Error(`No security group for "${member}": this phase's firewall does not list it`);
    return group.securityGroupId;
  }

  private createGroup(member: Member, vpc: IVpc): SecurityGroup {
    return new SecurityGroup(this, member, { vpc, description: members[member], allowAllOutbound: false });
  }

  private open({ from, to, port, why }: Rule, outsiders: FirewallProps['outsiders']): void {
    const source = this.groups.get(from)?.securityGroupId;
    const target = this.groups.get(to)?.securityGroupId;
    const base = { ipProtocol: 'tcp', fromPort: port, toPort: port, description: why };
    const id = `${from}-${to}-${port}`;
    if (source && target) {
      new CfnSecurityGroupIngress(this, `${id}-in`, {
        ...base,
        groupId: target,
        sourceSecurityGroupId: source,
      });
      new CfnSecurityGroupEgress(this, `${id}-out`, {
        ...base,
        groupId: source,
        destinationSecurityGroupId: target,
      });
    } else if (target && isOutsider(from)) {
      for (const cidrIp of outsiders[from]) {
        const ingress = new CfnSecurityGroupIngress(this, `${id}-${cidrIp}`, {
          ...base,
          groupId: target,
          cidrIp,
        });
        if (from === 'internet') acknowledge(ingress, 'AwsSolutions-EC23', 'A shop is open to everybody.');
      }
    } else if (source && isOutsider(to)) {
      for (const destinationPrefixListId of outsiders[to]) {
        new CfnSecurityGroupEgress(this, id, { ...base, groupId: source, destinationPrefixListId });
      }
    }
  }
}

function isOutsider(party: Member | Outsider): party is Outsider {
  return !(party in members);
}

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
  webBalancer: 'Load balancer of the web servers: the one way in from the CDN',
  web: 'Web servers: nginx',
  appBalancer: 'Load balancer of the application servers',
  read: 'Application servers that read',
  write: 'Application servers that write',
} as const;

export type Member = keyof typeof members;
/** What is not ours: everybody, the ranges given as sshCidrs, and prefix lists of AWS: S3's and CloudFront's. */
type Outsider = 'internet' | 'operators' | 's3' | 'cdn' | 'cdnInClear';

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
  { from: 'cdn', to: 'webBalancer', port: 443, why: 'CloudFront' },
  { from: 'cdnInClear', to: 'webBalancer', port: 80, why: 'CloudFront, without a domain to have TLS for' },
  { from: 'webBalancer', to: 'web', port: 443, why: 'Browsers, through CloudFront' },
  { from: 'web', to: 'appBalancer', port: 443, why: 'The API' },
  { from: 'read', to: 'appBalancer', port: 443, why: 'To say that a session was seen' },
  { from: 'appBalancer', to: 'read', port: 8443, why: 'GET and HEAD' },
  { from: 'appBalancer', to: 'write', port: 8443, why: 'Every other method' },
  { from: 'read', to: 'database', port: 3306, why: 'The shop reads its rows' },
  { from: 'write', to: 'database', port: 3306, why: 'The shop reads and writes its rows' },
  { from: 'read', to: 'secrets', port: 443, why: 'Passwords of the database' },
  { from: 'write', to: 'secrets', port: 443, why: 'Passwords of the database' },
  { from: 'web', to: 's3', port: 443, why: 'Packages and releases' },
  { from: 'read', to: 's3', port: 443, why: 'Packages and releases' },
  { from: 'write', to: 's3', port: 443, why: 'Packages, releases and files' },
  { from: 'web', to: 'logs', port: 443, why: 'Logs and metrics' },
  { from: 'read', to: 'logs', port: 443, why: 'Logs and metrics' },
  { from: 'write', to: 'logs', port: 443, why: 'Logs and metrics' },
  { from: 'connect', to: 'web', port: 22, why: 'SSH through the Instance Connect endpoint' },
  { from: 'connect', to: 'read', port: 22, why: 'SSH through the Instance Connect endpoint' },
  { from: 'connect', to: 'write', port: 22, why: 'SSH through the Instance Connect endpoint' },
];

export interface FirewallProps {
  readonly vpc: IVpc;
  readonly members: readonly Member[];
  /**
   * The address ranges of each outsider that exists, and ids of prefix lists. CloudFront's counts as 55 of the 60 rules
   * that a group may have one way, so it fits once: a domain that comes later wants that quota raised before the deploy.
   */
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
    } else if (target && isPrefixList(from)) {
      for (const sourcePrefixListId of outsiders[from]) {
        new CfnSecurityGroupIngress(this, id, { ...base, groupId: target, sourcePrefixListId });
      }
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

const prefixLists = ['s3', 'cdn', 'cdnInClear'] as const;

const isPrefixList = (party: Member | Outsider): party is (typeof prefixLists)[number] =>
  prefixLists.some((name) => name === party);

function isOutsider(party: Member | Outsider): party is Outsider {
  return !(party in members);
}

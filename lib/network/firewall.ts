import {
  CfnSecurityGroupEgress,
  CfnSecurityGroupIngress,
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { suppressNag } from '../suppress-nag';

/** The members with a security group. The text is its description: changing it would replace the group (rule CDK-9). */
const members = {
  box: 'The box: nginx, the app and the database on one instance',
  connect: 'EC2 Instance Connect endpoint: the way to a shell without an open port 22',
  logs: 'Interface endpoint of CloudWatch Logs',
  secrets: 'Interface endpoint of Secrets Manager',
  database: 'Aurora: the rows of users and inventory',
  usersDatabase: 'Aurora: the rows of users, on a cluster of their own',
  maintenance: 'Functions that migrate the database and change its passwords',
  webBalancer: 'Load balancer of the web servers: the one way in from the CDN',
  web: 'Web servers: nginx',
  appBalancer: 'Load balancer of the application servers',
  read: 'Application servers that read',
  write: 'Application servers that write',
  usersRead: 'User service: servers that read',
  usersWrite: 'User service: servers that write',
  rpcBalancer: 'Load balancer of calls between the services',
  cache: 'Valkey: copies of what is read often',
  warehouse: 'Redshift: rows that left the database',
  queue: 'Interface endpoint of SQS',
} as const;

export type Member = keyof typeof members;
/**
 * Peers without a security group: the internet, the ranges of sshCidrs, and the prefix lists of S3, DynamoDB and CloudFront.
 * `directory`: DynamoDB, once users may be divided.
 */
type Outsider = 'internet' | 'operators' | 's3' | 'dynamodb' | 'directory' | 'cdn' | 'cdnInClear';

interface Rule {
  readonly from: Member | Outsider;
  readonly to: Member | Outsider;
  readonly port: number;
  readonly why: string;
}

/**
 * The allowed connections of every phase: the only place that opens a port (rule ELB-9). A row applies if both ends
 * exist. Everything else is closed; DNS, time and instance metadata of the VPC bypass security groups.
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
  { from: 'read', to: 'cache', port: 6379, why: 'Copies of rows and sessions' },
  { from: 'write', to: 'cache', port: 6379, why: 'Changes of what is copied' },
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
  { from: 'appBalancer', to: 'usersRead', port: 8443, why: 'GET and HEAD of accounts and sessions' },
  { from: 'appBalancer', to: 'usersWrite', port: 8443, why: 'Every other method of accounts and sessions' },
  { from: 'usersRead', to: 'appBalancer', port: 443, why: 'To say that a session was seen' },
  // The callers of RPC: these rows and no others.
  { from: 'read', to: 'rpcBalancer', port: 443, why: 'Calls of the user service' },
  { from: 'write', to: 'rpcBalancer', port: 443, why: 'Calls of the user service' },
  { from: 'usersWrite', to: 'rpcBalancer', port: 443, why: 'Calls of inventory' },
  { from: 'rpcBalancer', to: 'usersRead', port: 8443, why: 'Calls that read' },
  { from: 'rpcBalancer', to: 'read', port: 8443, why: 'Calls that read' },
  { from: 'rpcBalancer', to: 'write', port: 8443, why: 'Calls that write' },
  { from: 'usersRead', to: 'database', port: 3306, why: 'The user service reads its rows' },
  { from: 'usersWrite', to: 'database', port: 3306, why: 'The user service reads and writes its rows' },
  { from: 'maintenance', to: 'usersDatabase', port: 3306, why: 'Migrations, accounts and the move of users' },
  { from: 'usersRead', to: 'usersDatabase', port: 3306, why: 'The user service reads its rows' },
  { from: 'usersWrite', to: 'usersDatabase', port: 3306, why: 'The user service reads and writes its rows' },
  { from: 'usersRead', to: 'cache', port: 6379, why: 'Copies of sessions' },
  { from: 'usersWrite', to: 'cache', port: 6379, why: 'The end of sessions that are copied' },
  { from: 'usersRead', to: 'secrets', port: 443, why: 'Passwords of the database' },
  { from: 'usersWrite', to: 'secrets', port: 443, why: 'Passwords of the database' },
  { from: 'usersRead', to: 's3', port: 443, why: 'Packages and releases' },
  { from: 'usersWrite', to: 's3', port: 443, why: 'Packages and releases' },
  { from: 'usersRead', to: 'logs', port: 443, why: 'Logs and metrics' },
  { from: 'usersWrite', to: 'logs', port: 443, why: 'Logs and metrics' },
  { from: 'usersRead', to: 'directory', port: 443, why: 'The map and the directory of divided users' },
  { from: 'usersWrite', to: 'directory', port: 443, why: 'The map and the directory of divided users' },
  { from: 'maintenance', to: 'directory', port: 443, why: 'The map of buckets, which are moved' },
  { from: 'read', to: 'dynamodb', port: 443, why: 'The state of photos' },
  { from: 'write', to: 'dynamodb', port: 443, why: 'The state of photos' },
  { from: 'write', to: 'queue', port: 443, why: 'Jobs for the workers of photos' },
  { from: 'connect', to: 'usersRead', port: 22, why: 'SSH through the Instance Connect endpoint' },
  { from: 'connect', to: 'usersWrite', port: 22, why: 'SSH through the Instance Connect endpoint' },
];

export interface FirewallProps {
  readonly vpc: IVpc;
  readonly members: readonly Member[];
  /**
   * Members whose hosts go in this deploy, later than the firewall: they keep their group and lose all ports.
   * Default: none.
   */
  readonly closed?: readonly Member[];
  /** Members that nothing connects to, because they are functions: only rows from them apply. Default: none. */
  readonly functions?: readonly Member[];
  /**
   * Address ranges or prefix list ids of each outsider. CloudFront's list counts as 55 of the 60 inbound rules of a
   * group, so it fits once: adding a domain later needs a higher quota before the deploy.
   */
  readonly outsiders: Readonly<Record<Outsider, readonly string[]>>;
}

/** One security group per member, with rules as separate resources, so that a new row changes no existing one. */
export class Firewall extends Construct {
  private readonly groups = new Map<string, ISecurityGroup>();

  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    for (const member of props.members) this.groups.set(member, this.createGroup(member, props.vpc));
    const open = ({ from, to }: Rule) =>
      !props.closed?.some((member) => member === from || member === to) &&
      !props.functions?.some((member) => member === to);
    for (const rule of rules.filter(open)) this.open(rule, props.outsiders);
  }

  /** @throws if this phase does not have the member */
  groupId(member: string): string {
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
        if (from === 'internet') suppressNag(ingress, 'AwsSolutions-EC23', 'The shop is public.');
      }
    } else if (source && isOutsider(to)) {
      for (const destinationPrefixListId of outsiders[to]) {
        new CfnSecurityGroupEgress(this, id, { ...base, groupId: source, destinationPrefixListId });
      }
    }
  }
}

const prefixLists = ['s3', 'dynamodb', 'directory', 'cdn', 'cdnInClear'] as const;

const isPrefixList = (party: Member | Outsider): party is (typeof prefixLists)[number] =>
  prefixLists.some((name) => name === party);

function isOutsider(party: Member | Outsider): party is Outsider {
  return !(party in members);
}

import { rules } from '../../lib/network/firewall';
import { constructPath, type Json, type Resource } from '../../review/cloudformation';
import { portRules } from '../../review/ports';
import { keyOf, type ResolvedResource, resolveReferences } from '../../review/resolve-references';
import { everyPhase, type SynthesizedPhase, synthesized } from './synthesized';

/**
 * Rows A5 and B4. The needs are read from what runs: the settings of hosts and functions, the rights of their roles, the
 * groups behind balancers. The firewall says the same in a table of its own, and must not say less or more.
 */
interface Running {
  /** As in the table of open ports: `Firewall/box`. */
  readonly member: string;
  readonly stack: string;
  readonly isHost: boolean;
  /** User data or environment. */
  readonly settings: readonly unknown[];
  readonly rights: string;
  /** True if CloudFormation calls it, which takes the answer through S3. */
  readonly isCalledByDeploys: boolean;
  readonly targetGroups: unknown;
}

class Deployed {
  readonly all: readonly ResolvedResource[];

  constructor(readonly phase: SynthesizedPhase) {
    this.all = Object.entries(phase.templates).flatMap(([stack, { Resources = {} }]) =>
      Object.entries(Resources).map(([logicalId, resource]) => ({ stack, logicalId, resource })),
    );
  }

  of(...types: readonly string[]): readonly ResolvedResource[] {
    return this.all.filter(({ resource }) => types.includes(resource.Type));
  }

  /** The resources of these types that a value refers to. */
  named(value: unknown, stack: string, ...types: readonly string[]): readonly ResolvedResource[] {
    return resolveReferences(value, stack, this.phase.templates).filter(({ resource }) =>
      types.includes(resource.Type),
    );
  }

  /** The first group of the firewall that a resource names. */
  memberOf({ resource, stack }: ResolvedResource): string {
    const [group] = this.named(resource.Properties, stack, 'AWS::EC2::SecurityGroup');
    return constructPath(group?.resource).split('/').slice(1).join('/');
  }

  private rightsOf(role: ResolvedResource | undefined): string {
    const policies = this.of('AWS::IAM::Policy').filter(({ resource, stack }) =>
      this.named(resource.Properties?.Roles, stack, 'AWS::IAM::Role').some(
        (one) => role && keyOf(one) === keyOf(role),
      ),
    );
    return JSON.stringify(policies.map(({ resource }) => resource.Properties));
  }

  /** Groups that have hosts, and functions in the network. */
  running(): Running[] {
    const hosts = this.of('AWS::AutoScaling::AutoScalingGroup')
      .filter(({ resource }) => resource.Properties?.MaxSize !== '0')
      .flatMap((group) => {
        const { stack } = group;
        const [template] = this.named(group.resource.Properties, stack, 'AWS::EC2::LaunchTemplate');
        if (!template) return [];
        const data = template.resource.Properties?.LaunchTemplateData as Record<string, Json>;
        const [profile] = this.named(data.IamInstanceProfile, stack, 'AWS::IAM::InstanceProfile');
        const [role] = this.named(profile?.resource.Properties, stack, 'AWS::IAM::Role');
        const member = this.memberOf(template);
        // The box gets its settings with each release.
        const releases =
          member === 'Firewall/box'
            ? this.of('Custom::Release').map(({ resource }) => resource.Properties)
            : [];
        return {
          ...{ member, stack, isHost: true, isCalledByDeploys: false, rights: this.rightsOf(role) },
          ...{
            settings: [data.UserData, releases],
            targetGroups: group.resource.Properties?.TargetGroupARNs,
          },
        };
      });
    const called = new Set(
      this.all.flatMap(({ resource, stack }) =>
        this.named(resource.Properties?.ServiceToken, stack, 'AWS::Lambda::Function').map(keyOf),
      ),
    );
    const functions = this.of('AWS::Lambda::Function')
      .filter(({ resource }) => resource.Properties?.VpcConfig)
      .map((found) => {
        const { Environment, Role, VpcConfig } = found.resource.Properties ?? {};
        const [role] = this.named(Role, found.stack, 'AWS::IAM::Role');
        return {
          ...{ member: this.memberOf({ ...found, resource: onlyWith({ VpcConfig }) }), stack: found.stack },
          ...{ isHost: false, rights: this.rightsOf(role), settings: [Environment], targetGroups: [] },
          isCalledByDeploys: called.has(keyOf(found)),
        };
      });
    return [...hosts, ...functions];
  }

  /** The database, cache or balancer that settings lead to, with its port. */
  places({ settings, stack, rights }: Running): string[] {
    const at = (port: number, ...types: readonly string[]) =>
      this.named(settings, stack, ...types).map((found) => `${this.memberOf(found)}:${port}`);
    return [
      ...at(3306, 'AWS::RDS::DBCluster'),
      ...this.named(settings, stack, 'AWS::RDS::DBInstance').flatMap(({ resource, stack: own }) =>
        this.named(resource.Properties?.DBClusterIdentifier, own, 'AWS::RDS::DBCluster').map(
          (cluster) => `${this.memberOf(cluster)}:3306`,
        ),
      ),
      ...at(6379, 'AWS::ElastiCache::ServerlessCache'),
      ...at(443, 'AWS::ElasticLoadBalancingV2::LoadBalancer'),
      ...(rights.includes('"sqs:')
        ? this.named(settings, stack, 'AWS::SQS::Queue').map(() => 'Firewall/queue:443')
        : []),
      ...this.named(settings, stack, 'AWS::DynamoDB::Table').map(() => 'DynamoDB (prefix list):443'),
    ];
  }

  /** From balancers to the hosts of their groups. */
  balanced(running: readonly Running[]): string[] {
    const [listener, rule] = ['Listener', 'ListenerRule'].map(
      (kind) => `AWS::ElasticLoadBalancingV2::${kind}`,
    ) as [string, string];
    return this.of(listener, rule).flatMap(({ resource, stack }) => {
      const { Properties = {} } = resource;
      const [from] = [
        { resource: onlyWith(Properties), stack },
        ...this.named(Properties.ListenerArn, stack, listener),
      ].flatMap((one) =>
        this.named(
          one.resource.Properties?.LoadBalancerArn,
          one.stack,
          'AWS::ElasticLoadBalancingV2::LoadBalancer',
        ),
      );
      const targets = this.named(
        [Properties.Actions, Properties.DefaultActions],
        stack,
        'AWS::ElasticLoadBalancingV2::TargetGroup',
      );
      return targets.flatMap((target) =>
        running
          .filter(({ targetGroups, stack: own }) =>
            this.named(targetGroups, own, target.resource.Type).some((one) => keyOf(one) === keyOf(target)),
          )
          .map(
            ({ member }) =>
              `${from ? this.memberOf(from) : '?'} -> ${member}:${target.resource.Properties?.Port}`,
          ),
      );
    });
  }
}

const onlyWith = (Properties: Readonly<Record<string, Json>> | Record<string, Json | undefined>): Resource =>
  ({ Type: '', Properties }) as Resource;

/** Ports that a phase leaves open for hosts of the phase before, which serve until the step has replaced them. */
const OF_THE_PHASE_BEFORE: Readonly<Record<number, readonly string[]>> = {
  // Inventory's hosts reported sessions while they had both services.
  6: ['Firewall/read -> Firewall/appBalancer:443'],
};

/** The connections that are needed: `from -> to:port`. */
function needs(phase: SynthesizedPhase): string[] {
  const deployed = new Deployed(phase);
  const running = deployed.running();
  const hosts = running.filter(({ isHost }) => isHost);
  const inside = running.flatMap((one) =>
    [
      ...deployed.places(one),
      ...(one.isHost ? ['Firewall/logs:443'] : []),
      ...(one.isHost || one.isCalledByDeploys || one.rights.includes('"s3:') ? ['S3 (prefix list):443'] : []),
      ...(one.rights.includes('"secretsmanager:') ? ['Firewall/secrets:443'] : []),
    ].map((to) => `${one.member} -> ${to}`),
  );
  const shells = deployed
    .of('AWS::EC2::InstanceConnectEndpoint')
    .flatMap(() => hosts.map(({ member }) => `Firewall/connect -> ${member}:22`));
  const viewers = deployed.of('AWS::CloudFront::VpcOrigin').map(({ resource, stack }) => {
    const [balancer] = deployed.named(
      resource.Properties,
      stack,
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
    );
    const { OriginProtocolPolicy } = (resource.Properties?.VpcOriginEndpointConfig ?? {}) as Record<
      string,
      Json
    >;
    const port = OriginProtocolPolicy === 'https-only' ? 443 : 80;
    return `CloudFront (prefix list) -> ${balancer ? deployed.memberOf(balancer) : '?'}:${port}`;
  });
  const box = hosts.some(({ member }) => member === 'Firewall/box');
  const operators = phase.options === 'everything' ? ['203.0.113.7/32 -> Firewall/box:22'] : [];
  const open = ['internet (IPv4) -> Firewall/box:80', 'internet (IPv4) -> Firewall/box:443', ...operators];
  return [...inside, ...deployed.balanced(running), ...shells, ...viewers, ...(box ? open : [])];
}

describe.each(everyPhase)('phase $number ($options)', ({ number, options }) => {
  const phase = synthesized(number, options);
  const ports = portRules(phase.templates);
  const names = ports.map(({ from, to, port }) => `${from.name} -> ${to.name}:${port}`);

  test('A5, B4: each member reaches what it needs, and nothing else', () => {
    const needed = [...needs(phase), ...(OF_THE_PHASE_BEFORE[number] ?? [])];
    expect([...new Set(names)].sort()).toEqual([...new Set(needed)].sort());
  });

  test('B4: a port between two members is open at both ends, once each', () => {
    const isMember = (name: string) => name.startsWith('Firewall/');
    const inside = ports.filter(({ from, to }) => isMember(from.name) && isMember(to.name));
    const opened = inside.map(({ from, to, port, opened }) => `${opened} ${from.name} -> ${to.name}:${port}`);
    expect(new Set(opened).size).toBe(opened.length);
    for (const [here, there] of [
      ['in', 'out'],
      ['out', 'in'],
    ] as const) {
      const missing = opened.filter(
        (one) => one.startsWith(`${here} `) && !opened.includes(one.replace(here, there)),
      );
      expect(missing).toEqual([]);
    }
  });
});

test('every row of the firewall opens a port in some phase, for the reason that it gives', () => {
  const opened = new Set(
    everyPhase.flatMap(({ number, options }) =>
      portRules(synthesized(number, options).templates).map(({ port, why }) => `${port} ${why}`),
    ),
  );
  const idle = rules.filter(({ port, why }) => !opened.has(`${port} ${why}`));
  expect(idle).toEqual([]);
  const ends = rules.map(({ from, to, port }) => `${from} -> ${to}:${port}`);
  expect(new Set(ends).size).toBe(ends.length);
});

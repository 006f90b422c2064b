import { type CfnResource, Stack } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnLaunchTemplate, ISubnet } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { shopOf } from '../../names';
import type { GroupSize } from '../../phases';
import { suppressNag } from '../../suppress-nag';
import { hostTemplate } from '../host-template';
import { alarmTag, refreshTag } from './group-tags';
import { maintenance, replacement, signalTime } from './replacement';
import type { Rollout } from './rollout';
import { rolloutAlarm } from './rollout-alarm';
import { Scaling } from './scaling';

export interface FleetProps {
  /** The role of the hosts, as in names and metrics. */
  readonly name: string;
  readonly size: GroupSize;
  readonly imageId: string;
  /** One per zone. */
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
  readonly role: Role;
  /** Default: the fleet. */
  readonly profileScope?: Construct;
  readonly userData: string;
  /** The target group of the hosts. */
  readonly targets: ApplicationTargetGroup;
  readonly balancer: ApplicationLoadBalancer;
  /** A second one, at a balancer of its own. Default: none. */
  readonly alsoBehind?: BalancedTargets | undefined;
  /** True if the balancer has hosts that are released on their own, whose faults must not end this roll-out. */
  readonly sharesBalancer?: boolean;
  readonly rollout: Rollout;
}

interface BalancedTargets {
  readonly targets: ApplicationTargetGroup;
  readonly balancer: ApplicationLoadBalancer;
}

/** Hosts of one kind over the zones, replaced when their launch template changes (decisions 0091 and 0131). */
export class Fleet extends Construct {
  readonly groupName: string;
  readonly template: CfnLaunchTemplate;
  readonly group: CfnAutoScalingGroup;

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    this.template = hostTemplate(this, {
      ...props,
      name: `${shopOf(Stack.of(this).stackName)} ${props.name}`,
      tag: { key: 'shop:role', value: props.name },
      instanceType: props.size.instanceType,
      // Target tracking would decide by five minutes of the past otherwise.
      detailedMonitoring: props.size.scaling !== 'fixed',
    });
    const alarm = rolloutAlarm(this, 'RolloutAlarm', {
      name: props.name,
      behind: behind(props).map(({ balancer, targets }) => ({
        balancer: balancer.loadBalancerFullName,
        targets: targets.targetGroupFullName,
      })),
      sharesBalancer: props.sharesBalancer ?? false,
      // Hosts that are full refuse requests. Few are no fault of a release; more end it, and it comes again after the spike.
      toleratedPercent: props.size.scaling === 'fixed' ? 0 : 1,
    });
    const group = this.createGroup(this.template, alarm, props);
    // A host never becomes healthy in a target group without a listener, or without its permissions.
    group.node.addDependency(
      ...behind(props).map(({ targets }) => targets.loadBalancerAttached),
      props.role,
      props.rollout,
    );
    this.group = group;
    this.groupName = group.ref;
    const { scaling } = props.size;
    if (scaling !== 'fixed') {
      new Scaling(this, 'Scaling', {
        name: props.name,
        plan: scaling,
        groupName: group.ref,
        balancer: props.balancer.loadBalancerFullName,
        targets: props.targets.targetGroupFullName,
      });
    }
  }

  /** In each deploy, hosts of this fleet are replaced after those of another group, or after a change of a route. */
  rollAfter(other: CfnResource): void {
    this.group.addResourceDependency(other);
  }

  private createGroup(template: CfnLaunchTemplate, alarm: Alarm, props: FleetProps): CfnAutoScalingGroup {
    const { instances, scaling } = props.size;
    const group = new CfnAutoScalingGroup(this, 'Group', {
      ...limits(props.size),
      vpcZoneIdentifier: props.subnets.map(({ subnetId }) => subnetId),
      terminationPolicies: firstToGo(props.size),
      launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
      targetGroupArns: behind(props).map(({ targets }) => targets.targetGroupArn),
      healthCheckType: 'ELB',
      // Longer than the roll-out waits for a boot, which takes about three minutes (rule ELB-4).
      healthCheckGracePeriod: 600,
      defaultInstanceWarmup: scaling === 'fixed' ? 240 : scaling.warmUpSeconds,
      // A failed host is replaced before it is terminated, to spare the others its load.
      instanceMaintenancePolicy: maintenance,
      metricsCollection: [
        { granularity: '1Minute', metrics: ['GroupDesiredCapacity', 'GroupInServiceInstances'] },
      ],
      tags: [
        { key: alarmTag, value: alarm.alarmName, propagateAtLaunch: false },
        ...(scaling === 'fixed' ? [] : [{ key: refreshTag, value: 'yes', propagateAtLaunch: false }]),
      ],
    });
    group.cfnOptions.creationPolicy = { resourceSignal: { count: instances, timeout: signalTime } };
    group.cfnOptions.updatePolicy = replacement(props.size);
    suppressNag(
      group,
      'AwsSolutions-AS3',
      'The roll-out function is notified of launches; too few hosts in service trigger an alarm.',
    );
    return group;
  }
}

const behind = ({ targets, balancer, alsoBehind }: FleetProps): readonly BalancedTargets[] => [
  { targets, balancer },
  ...(alsoBehind ? [alsoBehind] : []),
];

function firstToGo({ scaling }: GroupSize): string[] {
  return scaling === 'fixed'
    ? // A rollback that also makes the group smaller must keep the hosts of the release before.
      ['NewestInstance']
    : // Policies remove hosts while a release rolls, and must not take those that it has just launched.
      ['OldestLaunchTemplate', 'Default'];
}

function limits({ instances, scaling }: GroupSize) {
  return scaling === 'fixed'
    ? // Room for a new host before an old one is terminated.
      { minSize: String(instances), desiredCapacity: String(instances), maxSize: String(instances + 1) }
    : // Without a desired capacity: each deploy would set it again.
      { minSize: String(scaling.minimum), maxSize: String(scaling.maximum) };
}

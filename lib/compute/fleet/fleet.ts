import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnLaunchTemplate, ISubnet } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';
import type { TierSize } from '../../phases';
import { hostTemplate, suspendedMeanwhile } from '../host-template';
import { alarmTag } from './alarm-tag';
import type { Rollout } from './rollout';
import { rolloutAlarm } from './rollout-alarm';

export interface FleetProps {
  /** What the hosts are, as people and metrics name it. */
  readonly name: 'web' | 'read' | 'write';
  readonly size: TierSize;
  readonly imageId: string;
  /** One a zone. */
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
  readonly role: Role;
  readonly userData: string;
  /** Where the hosts are registered; a listener of the balancer leads there. */
  readonly targets: ApplicationTargetGroup;
  readonly balancer: ApplicationLoadBalancer;
  readonly rollout: Rollout;
}

/** Hosts of one kind over the zones, replaced one by one when what they are made of changes (decision 0091). */
export class Fleet extends Construct {
  readonly groupName: string;

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    const template = hostTemplate(this, {
      ...props,
      name: `Shop ${props.name}`,
      tag: { key: 'shop:role', value: props.name },
      instanceType: props.size.instanceType,
    });
    const alarm = rolloutAlarm(this, 'RolloutAlarm', {
      name: props.name,
      balancer: props.balancer.loadBalancerFullName,
      targets: props.targets.targetGroupFullName,
    });
    const group = this.createGroup(template, alarm, props);
    // Registered but not reached by a listener, a host would never be healthy; nor without its permissions.
    group.node.addDependency(props.targets.loadBalancerAttached, props.role, props.rollout);
    this.groupName = group.ref;
  }

  private createGroup(template: CfnLaunchTemplate, alarm: Alarm, props: FleetProps): CfnAutoScalingGroup {
    const { instances } = props.size;
    const group = new CfnAutoScalingGroup(this, 'Group', {
      minSize: String(instances),
      desiredCapacity: String(instances),
      // Room for the one that comes before another goes.
      maxSize: String(instances + 1),
      vpcZoneIdentifier: props.subnets.map(({ subnetId }) => subnetId),
      launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
      targetGroupArns: [props.targets.targetGroupArn],
      healthCheckType: 'ELB',
      // Longer than the roll-out's patience with a boot, which takes about three minutes (rule L4).
      healthCheckGracePeriod: 600,
      defaultInstanceWarmup: 240,
      // A host that fails is replaced before it goes: the others are busy enough.
      instanceMaintenancePolicy: { minHealthyPercentage: 100, maxHealthyPercentage: 134 },
      metricsCollection: [
        { granularity: '1Minute', metrics: ['GroupDesiredCapacity', 'GroupInServiceInstances'] },
      ],
      tags: [{ key: alarmTag, value: alarm.alarmName, propagateAtLaunch: false }],
    });
    group.cfnOptions.creationPolicy = { resourceSignal: { count: instances, timeout: signalTime } };
    group.cfnOptions.updatePolicy = {
      autoScalingRollingUpdate: {
        minInstancesInService: instances,
        maxBatchSize: 1,
        waitOnResourceSignals: true,
        pauseTime: signalTime,
        suspendProcesses: suspendedMeanwhile,
      },
    };
    acknowledge(
      group,
      'AwsSolutions-AS3',
      'Launches are what the roll-out function hears of; too few hosts in service is an alarm.',
    );
    return group;
  }
}

/** More than what the roll-out function takes at most for one host. */
const signalTime = 'PT15M';

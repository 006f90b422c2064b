import { Stack } from 'aws-cdk-lib';
import { CfnScalingPolicy, CfnScheduledAction } from 'aws-cdk-lib/aws-autoscaling';
import { Construct } from 'constructs';
import { shopOf } from '../../names';
import { capitalized } from '../../phases';
import type { BusinessHours, ScalingPlan, TargetTracking, TrackedMetric } from '../../scaling/scaling-plan';
import { type ScaledGroup, StepPolicy } from './step-policy';

export interface ScalingProps extends ScaledGroup {
  readonly plan: ScalingPlan;
}

/**
 * Changes the size of a group by the time of day and by its metrics (decision 0130). Each policy says how many hosts it
 * wants, and the largest number wins.
 */
export class Scaling extends Construct {
  constructor(scope: Construct, id: string, { plan, ...group }: ScalingProps) {
    super(scope, id);
    for (const one of plan.tracking) this.track(one, group);
    for (const step of plan.steps) {
      new StepPolicy(this, capitalized(step.metric), {
        ...group,
        step,
        warmUpSeconds: plan.warmUpSeconds,
        namespace: shopOf(Stack.of(this).stackName),
      });
    }
    if (plan.businessHours) this.schedule(plan.businessHours, plan.minimum, group.groupName);
  }

  private track(
    { metric, target, scaleIn }: TargetTracking,
    { groupName, balancer, targets }: ScaledGroup,
  ): void {
    const predefinedMetricType = predefined[metric];
    new CfnScalingPolicy(this, capitalized(metric), {
      autoScalingGroupName: groupName,
      policyType: 'TargetTrackingScaling',
      targetTrackingConfiguration: {
        predefinedMetricSpecification: {
          predefinedMetricType,
          ...(metric === 'requestsPerMinute' && { resourceLabel: `${balancer}/${targets}` }),
        },
        targetValue: target,
        disableScaleIn: !scaleIn,
      },
    });
  }

  /** The minimum alone: a size would take away hosts that are in use. */
  private schedule(hours: BusinessHours, night: number, autoScalingGroupName: string): void {
    const at = (id: string, time: string, minSize: number) =>
      new CfnScheduledAction(this, id, {
        autoScalingGroupName,
        minSize,
        recurrence: cron(time, hours.weekdays),
        timeZone: hours.timeZone,
      });
    at('Day', hours.from, hours.minimum);
    at('Night', hours.until, night);
  }
}

const predefined: Readonly<Record<TrackedMetric, string>> = {
  cpuPercent: 'ASGAverageCPUUtilization',
  requestsPerMinute: 'ALBRequestCountPerTarget',
  networkOutBytesPerMinute: 'ASGAverageNetworkOut',
};

function cron(time: string, weekdays: string): string {
  const [hours, minutes] = time.split(':').map(Number);
  return `${minutes} ${hours} * * ${weekdays}`;
}

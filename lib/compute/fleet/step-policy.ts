import { Duration } from 'aws-cdk-lib';
import { CfnScalingPolicy } from 'aws-cdk-lib/aws-autoscaling';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { HOST_METRICS } from '../../../lambda/hosts/host-metrics';
import type { StepAdjustment, StepMetric, StepScaling } from '../../scaling/scaling-plan';

export interface ScaledGroup {
  /** The role of the hosts, as in their own metrics. */
  readonly name: string;
  readonly groupName: string;
  /** The dimensions in CloudWatch: `app/name/0123` and `targetgroup/name/0123`. */
  readonly balancer: string;
  readonly targets: string;
}

export interface StepPolicyProps extends ScaledGroup {
  readonly step: StepScaling;
  readonly warmUpSeconds: number;
  /** The namespace of the metrics that hosts report themselves. */
  readonly namespace: string;
}

/** Adds hosts while an alarm is on, and never removes one. */
export class StepPolicy extends Construct {
  constructor(scope: Construct, id: string, props: StepPolicyProps) {
    super(scope, id);
    const { name, groupName, step, warmUpSeconds } = props;
    const policy = new CfnScalingPolicy(this, 'Policy', {
      autoScalingGroupName: groupName,
      policyType: 'StepScaling',
      adjustmentType: 'PercentChangeInCapacity',
      minAdjustmentMagnitude: 1,
      metricAggregationType: 'Average',
      estimatedInstanceWarmup: warmUpSeconds,
      stepAdjustments: intervals(step.adjustments),
    });
    const alarm = new Alarm(this, 'Alarm', {
      alarmDescription: `Adds ${name} hosts, and tells nobody. See docs/runbook.md#a-group-grows`,
      metric: guarded(step, props),
      threshold: step.threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: step.minutes,
      // A group without traffic reports no response time.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction({ bind: () => ({ alarmActionArn: policy.attrArn }) });
  }
}

/** Each interval ends where the next one begins. */
function intervals(adjustments: readonly StepAdjustment[]): CfnScalingPolicy.StepAdjustmentProperty[] {
  return adjustments.map(({ aboveThresholdBy, addPercent }, index) => ({
    metricIntervalLowerBound: aboveThresholdBy,
    metricIntervalUpperBound: adjustments[index + 1]?.aboveThresholdBy,
    scalingAdjustment: addPercent,
  }));
}

const period = Duration.minutes(1);

function guarded({ metric, onlyAboveCpuPercent }: StepScaling, props: StepPolicyProps): IMetric {
  const signal = metrics[metric](props);
  if (onlyAboveCpuPercent === undefined) return signal;
  const cpu = new Metric({
    namespace: 'AWS/EC2',
    metricName: 'CPUUtilization',
    statistic: 'Average',
    period,
    dimensionsMap: { AutoScalingGroupName: props.groupName },
  });
  return new MathExpression({
    expression: `IF(cpu > ${onlyAboveCpuPercent}, signal, 0)`,
    label: `${metric} while the CPU is busy`,
    usingMetrics: { cpu, signal },
    period,
  });
}

const metrics: Readonly<Record<StepMetric, (props: StepPolicyProps) => Metric>> = {
  p95Seconds: ({ balancer, targets }) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName: 'TargetResponseTime',
      statistic: 'p95',
      period,
      dimensionsMap: { LoadBalancer: balancer, TargetGroup: targets },
    }),
  // An average, since a line of the log may be delivered twice: a sum would count it twice.
  eventLoopPercent: ({ namespace, name }) =>
    new Metric({
      namespace,
      metricName: HOST_METRICS.eventLoop,
      statistic: 'Average',
      period,
      dimensionsMap: { [HOST_METRICS.dimension]: name },
    }),
};

import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { HOST_METRICS } from '../../lambda/hosts/host-metrics';
import type { WatchedBalancer, WatchedGroup } from '../compute/tiers';

/** A metric of one resource. Default statistic: the average. Default period: five minutes. */
export type MetricNamed = (metricName: string, statistic?: string, period?: Duration) => Metric;

export const fiveMinutes = Duration.minutes(5);

const metricsOf =
  (namespace: string, dimensionsMap: Record<string, string>): MetricNamed =>
  (metricName, statistic = 'Average', period = fiveMinutes) =>
    new Metric({ namespace, metricName, statistic, period, dimensionsMap });

/** Metrics that the hosts of a role report themselves. */
export const roleMetrics = (namespace: string, role: string): MetricNamed =>
  metricsOf(namespace, { [HOST_METRICS.dimension]: role });

export const balancerMetrics = ({ fullName }: Pick<WatchedBalancer, 'fullName'>): MetricNamed =>
  metricsOf('AWS/ApplicationELB', { LoadBalancer: fullName });

export const targetMetrics = (
  { fullName }: Pick<WatchedBalancer, 'fullName'>,
  { targetGroupFullName }: Pick<WatchedGroup, 'targetGroupFullName'>,
): MetricNamed =>
  metricsOf('AWS/ApplicationELB', { LoadBalancer: fullName, TargetGroup: targetGroupFullName });

/** Of EC2 or Auto Scaling. */
export const groupMetrics = (namespace: 'AWS/EC2' | 'AWS/AutoScaling', groupName: string): MetricNamed =>
  metricsOf(namespace, { AutoScalingGroupName: groupName });

export const writerMetrics = (clusterId: string): MetricNamed =>
  metricsOf('AWS/RDS', { DBClusterIdentifier: clusterId, Role: 'WRITER' });

export const instanceMetrics = (instanceId: string): MetricNamed =>
  metricsOf('AWS/RDS', { DBInstanceIdentifier: instanceId });

export const cacheMetrics = (clusterId: string): MetricNamed => metricsOf('AWS/ElastiCache', { clusterId });

/** Counts of lines of the hosts' log (`answer-counts.ts`). */
export const countMetrics = (namespace: string): MetricNamed => metricsOf(namespace, {});

/** Of a web ACL for CloudFront: without the dimension Region, which those of other resources have. */
export const firewallMetrics = (webAcl: string): MetricNamed =>
  metricsOf('AWS/WAFV2', { WebACL: webAcl, Rule: 'ALL' });

/** CloudFront reports to us-east-1 alone. */
export const cdnMetrics =
  (distributionId: string): MetricNamed =>
  (metricName, statistic = 'Average', period = fiveMinutes) =>
    new Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      statistic,
      period,
      dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
      region: 'us-east-1',
    });

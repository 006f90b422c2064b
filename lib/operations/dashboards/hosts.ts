import type { IWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { HOST_METRICS } from '../../../lambda/hosts/host-metrics';
import type { WatchedBalancer, WatchedGroup } from '../../compute/tiers';
import { groupMetrics, type MetricNamed, roleMetrics, targetMetrics } from '../metrics';
import { graph, introduction, named } from './graph';

/** The hosts of each group: how many, how busy, and what their processes do. */
export function hosts(balancers: readonly WatchedBalancer[], namespace: string): IWidget[] {
  // The balancer of calls between services has groups of the other one.
  const ofClients = balancers.filter(({ id }) => id !== 'Rpc');
  const groups = ofClients.flatMap(({ groups }) => groups);
  const web = balancers.filter(({ id }) => id === 'Web').flatMap(({ groups }) => groups);
  const running = balancers.filter(({ id }) => id === 'App').flatMap(({ groups }) => groups);
  const ofEach = (of: readonly WatchedGroup[], metric: (group: WatchedGroup) => Metric) =>
    of.map((group) => named(group.name, metric(group)));
  const ec2 = (of: readonly WatchedGroup[], metricName: string) =>
    ofEach(of, ({ autoScalingGroupName }) => groupMetrics('AWS/EC2', autoScalingGroupName)(metricName));
  const own = (of: readonly WatchedGroup[], ...args: Parameters<MetricNamed>) =>
    ofEach(of, ({ name }) => roleMetrics(namespace, name)(...args));
  return [
    introduction('The hosts of each group. How to read it: docs/runbook.md, "Reading the dashboards".'),
    graph('Hosts: wanted and in service', groups.flatMap(sizes)),
    graph('Hosts that fail their health check', ofClients.flatMap(unhealthy)),
    graph('CPU, in percent', ec2(groups, 'CPUUtilization')),
    graph('Bytes out of a web host a minute', ec2(web, 'NetworkOut')),
    graph('JavaScript thread, in percent', own(running, HOST_METRICS.eventLoop)),
    graph('Requests under way in a process', own(running, HOST_METRICS.underWay)),
    graph('Memory of the fullest host, in percent', own(groups, HOST_METRICS.memory, 'Maximum')),
    graph('Root disk of the fullest host, in percent', own(groups, HOST_METRICS.rootDisk, 'Maximum')),
    graph('Memory of the largest process, in MB', own(groups, HOST_METRICS.processMemory, 'Maximum')),
    graph('Age of the youngest process, in seconds', own(groups, HOST_METRICS.uptime, 'Minimum')),
  ];
}

/** The number of hosts that a group wants, and has. */
export function sizes({ name, autoScalingGroupName }: WatchedGroup) {
  const metric = groupMetrics('AWS/AutoScaling', autoScalingGroupName);
  return [
    named(`${name} wanted`, metric('GroupDesiredCapacity')),
    named(`${name} in service`, metric('GroupInServiceInstances')),
  ];
}

const unhealthy = (balancer: WatchedBalancer) =>
  balancer.groups.map((group) =>
    named(group.name, targetMetrics(balancer, group)('UnHealthyHostCount', 'Maximum')),
  );

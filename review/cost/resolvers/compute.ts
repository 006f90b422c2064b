import { isObject, type Resource } from '../../cloudformation';
import { resolveReferences } from '../../resolve-references';
import { type CostLineDraft, fixed, type Priced, type Resolver, used } from '../line';
import { PRICES, type PriceName } from '../prices';
import { HOURS_A_MONTH, quantity } from '../units';

/** An instance type without a price never counts as nothing. */
class UnpricedInstanceError extends Error {
  override name = 'UnpricedInstanceError';
}

interface Host {
  readonly role: string;
  readonly instanceType: PriceName;
  readonly volumeGigabytes: number;
  readonly detailedMonitoring: boolean;
}

/** Metrics of EC2 each minute: CPU, network and disks. */
const DETAILED_METRICS = 7;
/** A group may have this many in an hour on average, so their hours are fractions of a month. */
const hours = (hosts: number) => quantity('hour', hosts * HOURS_A_MONTH);

/** Hosts at the minimum of their group, and more of them as the load needs. */
const group: Resolver = ({ stack, id, resource, templates, usage }) => {
  // The retired box keeps its group, without hosts.
  if (Number(resource.Properties?.MaxSize) === 0) return [];
  const host = hostOf(resource, stack, templates);
  const minimum = Number(resource.Properties?.MinSize ?? 0);
  const always = minimum + scheduledBeyondMinimum(stack, id, minimum, templates);
  const wanted = Math.max(0, (usage.hosts[host.role] ?? 0) - always);
  return [...hostLines(host, minimum, 'fixed'), ...hostLines(host, wanted, 'usage')];
};

/** Hosts that a schedule keeps beyond the minimum, by hours of a month. */
const scheduled: Resolver = ({ stack, resource, templates }) => {
  const [target] = resolveReferences(resource.Properties?.AutoScalingGroupName, stack, templates);
  if (!target) return [];
  const host = hostOf(target.resource, target.stack, templates);
  const minimum = Number(target.resource.Properties?.MinSize ?? 0);
  const share = partOfMonth(resource, stack, target.logicalId, templates);
  const more = Math.max(0, Number(resource.Properties?.MinSize ?? minimum) - minimum);
  return more === 0 ? [] : hostLines(host, more * share, 'fixed', 'in business hours');
};

export const compute: Readonly<Record<string, Resolver>> = {
  'AWS::AutoScaling::AutoScalingGroup': group,
  'AWS::AutoScaling::ScheduledAction': scheduled,
  // Target tracking makes two alarms of its own; a step has one in the template.
  'AWS::AutoScaling::ScalingPolicy': ({ resource }) =>
    resource.Properties?.PolicyType === 'TargetTrackingScaling'
      ? [fixed('alarm metric', quantity('month', 2), 'alarms of target tracking')]
      : [],
  'AWS::EC2::Volume': ({ resource }) => [
    fixed('gp3 volume', quantity('GB-month', Number(resource.Properties?.Size ?? 0)), 'gp3 data volume'),
  ],
  'AWS::DLM::LifecyclePolicy': ({ usage }) => [
    used('volume snapshot', usage.snapshots, 'daily snapshots of the volume'),
  ],
};

function hostLines(host: Host, hosts: number, kind: 'fixed' | 'usage', when = ''): CostLineDraft[] {
  if (hosts === 0) return [];
  const of = `${host.role} hosts${when && ` ${when}`}${kind === 'usage' ? ' beyond the minimum' : ''}`;
  const lines = [
    fixed(host.instanceType as 't4g.small', hours(hosts), `${host.instanceType}, ${of}`),
    fixed('gp3 volume', quantity('GB-month', hosts * host.volumeGigabytes), `gp3 root volumes, ${of}`),
    ...(host.detailedMonitoring
      ? [fixed('metric', quantity('month', hosts * DETAILED_METRICS), `metrics each minute, ${of}`)]
      : []),
  ];
  return lines.map((line) => ({ ...line, kind }));
}

function hostOf(group: Resource, stack: string, templates: Priced['templates']): Host {
  const template = resolveReferences(group.Properties?.LaunchTemplate, stack, templates).find(
    ({ resource }) => resource.Type === 'AWS::EC2::LaunchTemplate',
  );
  const data = template?.resource.Properties?.LaunchTemplateData;
  if (!isObject(data)) throw new UnpricedInstanceError(`The group in ${stack} has no launch template`);
  const text = JSON.stringify(data);
  const role = /"Key":"shop:role","Value":"([\w-]+)"/.exec(text)?.[1] ?? 'other';
  return {
    role,
    instanceType: instancePrice(String(data.InstanceType)),
    volumeGigabytes: Number(/"VolumeSize":(\d+)/.exec(text)?.[1] ?? 8),
    detailedMonitoring: isObject(data.Monitoring) && data.Monitoring.Enabled === true,
  };
}

function instancePrice(type: string): PriceName {
  if (type in PRICES) return type as PriceName;
  throw new UnpricedInstanceError(
    `No price is known for the instance type "${type}"; add it to review/cost/prices.ts with its source`,
  );
}

/** Average hosts that a schedule adds to the minimum of a group. */
function scheduledBeyondMinimum(
  stack: string,
  id: string,
  minimum: number,
  templates: Priced['templates'],
): number {
  return actionsOf(stack, id, templates).reduce((sum, action) => {
    const more = Math.max(0, Number(action.Properties?.MinSize ?? 0) - minimum);
    return sum + more * partOfMonth(action, stack, id, templates);
  }, 0);
}

/** The share of a month from one scheduled action until the next one of its group, both on weekdays alone. */
function partOfMonth(action: Resource, stack: string, group: string, templates: Priced['templates']): number {
  const hour = hourOf(action);
  const others = actionsOf(stack, group, templates).filter((other) => other !== action);
  const until = Math.min(24, ...others.map(hourOf).filter((other) => other > hour));
  return (5 * (until - hour)) / (7 * 24);
}

const actionsOf = (stack: string, group: string, templates: Priced['templates']): Resource[] =>
  Object.values(templates[stack]?.Resources ?? {}).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::AutoScaling::ScheduledAction' &&
      JSON.stringify(Properties?.AutoScalingGroupName) === JSON.stringify({ Ref: group }),
  );

function hourOf({ Properties }: Resource): number {
  const recurrence = String(Properties?.Recurrence);
  const [minute, hour, , , weekdays] = recurrence.split(' ');
  if (weekdays !== 'MON-FRI')
    throw new Error(`A schedule is "${recurrence}"; its cost is known for "<minute> <hour> * * MON-FRI"`);
  return Number(hour) + Number(minute) / 60;
}

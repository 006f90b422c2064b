/**
 * The alarms that ring for no person by themselves, as those of `expected-alarms.ts`: windows of an objective, roll-outs,
 * and the policies of a group.
 */
export function windowInWords(name: string, phase: number): string | RegExp | undefined {
  const [, service, of = '', window = ''] =
    /^(Service)?Objectives(\w+?)((?:Fast|Slow)(?:Long|Short))$/.exec(name) ?? [];
  if (of) return objective((service ? services : events)[of], window, service ? 0.05 : 0.1);
  const [, path = ''] = /^Tiers(\w+)FleetRolloutAlarm$/.exec(name) ?? [];
  if (path) return rollout(path, phase);
  if (/EventLoopPercentAlarm$/.test(name))
    return /^Shop EventLoopUtilization Average \(Role \w+\) > 75, 2 x 1 min$/;
  if (/P95SecondsAlarm$/.test(name))
    return /^IF\(AWS\/EC2 CPUUtilization Average \(.*\) > [46]0, .* p95 \(.*\), 0\) > 0\.25, 2 x 1 min$/;
  return undefined;
}

const elb = (metric: string, dimensions: string) => `FILL(AWS/ApplicationELB ${metric} (${dimensions}), 0)`;
const WEB = 'LoadBalancer Services/Tiers/Web/Balancer';
const API = 'LoadBalancer Services/Tiers/Api/Balancer';
const RPC = 'LoadBalancer Services/Tiers/Api/Rpc';

/** Expressions: the count of bad ones, and that of all of them. */
interface Share {
  readonly bad: string;
  readonly all: string;
}

const webErrors = elb('HTTPCode_ELB_5XX_Count Sum', WEB);
const late = (dimensions: string) => elb('TargetResponseTime TC(1:)', dimensions);

/** Of the shop, as its visitors see it: pages, and two things that they do. */
const events: Readonly<Record<string, Share>> = {
  Browse: {
    bad: `(${elb('HTTPCode_Target_5XX_Count Sum', WEB)} + ${webErrors} + ${late(WEB)})`,
    all: `(${elb('RequestCount Sum', WEB)} + ${webErrors})`,
  },
  LogIn: { bad: 'Shop LogInsFailed Sum', all: 'Shop LogIns Sum' },
  Reserve: { bad: 'Shop ReservationsFailed Sum', all: 'Shop Reservations Sum' },
};

/** Of both groups of a service: answers that are none, that say so, or that are late. */
function answers(groups: readonly string[]): Share {
  const each = groups.map((group) => `${API}, TargetGroup Services/Tiers/Api/${group}Targets`);
  const asked = (targets: string) => elb('RequestCount Sum', targets);
  const fine = (targets: string) =>
    [2, 3, 4].map((hundreds) => elb(`HTTPCode_Target_${hundreds}XX_Count Sum`, targets)).join(' - ');
  return {
    bad: `(${each.map((targets) => `${asked(targets)} - ${fine(targets)} + ${late(targets)}`).join(' + ')})`,
    all: `(${each.map(asked).join(' + ')})`,
  };
}
const services: Readonly<Record<string, Share>> = {
  Users: answers(['UsersRead', 'UsersWrite']),
  Inventory: answers(['Read', 'Write']),
};

/** 14.4 times the percentage that may be bad in a month within the fast windows, 3 times within the slow ones. */
function objective(share: Share | undefined, window: string, percent: number): string | undefined {
  const minutes = { FastLong: 60, FastShort: 5, SlowLong: 1440, SlowShort: 120 }[window];
  const times = window.startsWith('Fast') ? 14.4 : 3;
  const beyond = Number((times * percent).toFixed(2));
  return (
    share && `IF(${share.bad} > 10, 100 * ${share.bad} / ${share.all}, 0) > ${beyond}, 1 x ${minutes} min`
  );
}

/** Errors of the hosts of one group and, where a balancer has no others, its own. A hundredth is tolerated from phase 5 on. */
function rollout(path: string, phase: number): string {
  const isWeb = path === 'Web';
  const group = path.replace(/^Api/, '');
  const shares = !isWeb && phase >= 6;
  const errors = (balancer: string, targets: string) => {
    const hosts = `${balancer}, TargetGroup ${targets}`;
    const unanswered = shares
      ? elb('TargetConnectionErrorCount Sum', hosts)
      : elb('HTTPCode_ELB_5XX_Count Sum', balancer);
    const tolerated = phase >= 5 ? ` - 0.01 * ${elb('RequestCount Sum', hosts)}` : '';
    return `${elb('HTTPCode_Target_5XX_Count Sum', hosts)} + ${unanswered}${tolerated}`;
  };
  const front = isWeb
    ? errors(WEB, 'Services/Tiers/Web/Targets')
    : errors(API, `Services/Tiers/Api/${group}Targets`);
  // The inventory calls no user's write.
  const called = shares && group !== 'UsersWrite';
  const rpc = called ? ` + ${errors(RPC, `Services/Tiers/Api/${group}RpcTargets`)}` : '';
  return `${front}${rpc} > 5, 1 of 5 x 1 min`;
}

import type { Pace } from '../../../../lib/compute/fleet/host-health-decision';
import { handler } from '../../../../lib/compute/fleet/rollout.handler';
import { AwsServer, type Call, lambdaEnvironment, refused, stackInState } from '../../aws';

/** A region with one group in a deploy. What a stack, a host or an alarm is goes on with each look; the last one remains. */
interface World {
  stack: string[];
  /** The last update of the stack. */
  began: Date[];
  /** The refresh that replaces hosts; `none`: it is over. */
  refresh: 'never' | 'under way' | 'none';
  target: string[];
  /** At a second balancer, if there is one. */
  calls?: string[];
  alarmOnSince: (Date | undefined)[];
  signalRefused?: string;
  cancelRefused?: string;
  lookingFails?: boolean;
  /** True until the deploy was looked for once. */
  deployUnseen?: boolean;
}

let world: World;
let aws: AwsServer;

beforeAll(async () => {
  aws = await AwsServer.start(answer);
  lambdaEnvironment({
    AWS_ENDPOINT_URL_AUTO_SCALING: aws.url,
    AWS_ENDPOINT_URL_CLOUDFORMATION: aws.url,
    AWS_ENDPOINT_URL_CLOUDWATCH: aws.url,
    AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: aws.url,
  });
});
beforeEach(() => {
  world = {
    stack: ['UPDATE_IN_PROGRESS'],
    began: [minutesAgo(10)],
    refresh: 'never',
    target: ['healthy'],
    alarmOnSince: [undefined],
  };
  aws.calls.splice(0);
  // What the tests before said is no answer here.
  jest.spyOn(console, 'log').mockReset();
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** The stack is older than its deploy. */
function deployInState(state: string, began: Date) {
  const { body } = stackInState(state);
  const updated = `<LastUpdatedTime>${began.toISOString()}</LastUpdatedTime>`;
  return { body: body.replace('<StackStatus>', `${updated}<StackStatus>`) };
}

/** Takes the next value; the last one stays. */
const next = <T>(left: T[]) => (left.length > 1 ? left.shift() : left[0]) as T;

function answer({ action, values }: Call) {
  switch (action) {
    case 'DescribeAutoScalingGroups':
      return { body: groups(values['Filters.member.1.Values.member.1'] === 'NobodysAlarm' ? '' : group()) };
    case 'CancelInstanceRefresh':
      if (world.cancelRefused) return refused(world.cancelRefused);
      return world.refresh === 'none'
        ? refused('ActiveInstanceRefreshNotFound')
        : { body: '<CancelInstanceRefreshResponse/>' };
    case 'DescribeStacks':
      if (world.deployUnseen) {
        world.deployUnseen = false;
        return refused('ValidationError');
      }
      return deployInState(next(world.stack), next(world.began));
    case 'DescribeTargetHealth':
      if (world.lookingFails) return refused('InternalFailure');
      return {
        body: targetIs(next(values.TargetGroupArn === 'arn:calls' ? (world.calls ?? []) : world.target)),
      };
    case 'DescribeAlarms':
      return { body: JSON.stringify({ MetricAlarms: [alarmIs(next(world.alarmOnSince))] }) };
    default:
      return world.signalRefused ? refused(world.signalRefused) : { body: '<SignalResourceResponse/>' };
  }
}

const tag = (key: string, value: string) => `<member><Key>${key}</Key><Value>${value}</Value></member>`;
const groups = (members: string) =>
  `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>${members}</AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`;
const group = () => `<member><AutoScalingGroupName>Shop-Services-TiersWebFleetGroup-1</AutoScalingGroupName>
<TargetGroupARNs><member>arn:targets</member>${world.calls ? '<member>arn:calls</member>' : ''}</TargetGroupARNs>
<Tags>${tag('aws:cloudformation:stack-id', 'arn:stack')}${tag('aws:cloudformation:logical-id', 'TheGroup')}
${tag('shop:rollout-alarm', 'TheAlarm')}${world.refresh === 'never' ? '' : tag('shop:instance-refresh', 'yes')}</Tags>
</member>`;

function targetIs(state: string): string {
  return `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member>
<TargetHealth><State>${state}</State></TargetHealth></member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`;
}

function alarmIs(onSince: Date | undefined) {
  const StateValue = onSince ? 'ALARM' : 'OK';
  return { AlarmName: 'TheAlarm', StateValue, StateTransitionedTimestamp: (onSince?.getTime() ?? 0) / 1000 };
}

/**
 * Launches a host; returns the signals to CloudFormation. Times are so short or so long that a slow machine is no risk.
 */
async function launch(times: Partial<Pace> = {}) {
  const pace = { patience: 60_000, watch: 1, pause: 2, ...times };
  const detail = { EC2InstanceId: 'i-new', AutoScalingGroupName: 'Shop-Services-TiersWebFleetGroup-1' };
  await handler({ time: new Date().toISOString(), detail }, undefined, pace);
  return aws.calls.filter(({ action }) => action === 'SignalResource').map(({ values }) => values);
}

const said = () => JSON.stringify(jest.mocked(console.log).mock.calls);

test('signals a host to CloudFormation once it was healthy for a while', async () => {
  world.target = ['initial', 'initial', 'healthy'];
  expect(await launch()).toEqual([
    expect.objectContaining({
      StackName: 'arn:stack',
      LogicalResourceId: 'TheGroup',
      UniqueId: 'i-new',
      Status: 'SUCCESS',
    }),
  ]);
  const looks = aws.calls.filter(({ action }) => action === 'DescribeTargetHealth');
  expect(looks.length).toBeGreaterThan(3);
  expect(looks[0]?.values).toMatchObject({
    TargetGroupArn: 'arn:targets',
    'Targets.member.1.Id': 'i-new',
  });
  expect(aws.calls).toContainEqual({ action: 'DescribeAlarms', values: { AlarmNames: ['TheAlarm'] } });
});

test('refuses a host that never gets healthy, and says why in its log', async () => {
  world.target = ['unhealthy'];
  expect(await launch({ patience: 1 })).toMatchObject([{ Status: 'FAILURE' }]);
  expect(said()).toContain('it is unhealthy');
});

test('refuses a host that one of its two balancers does not find healthy', async () => {
  world.calls = ['unhealthy'];
  expect(await launch({ patience: 1 })).toMatchObject([{ Status: 'FAILURE' }]);
  world.calls = ['initial', 'healthy'];
  expect(await launch()).toMatchObject([{ Status: 'FAILURE' }, { Status: 'SUCCESS' }]);
});

test('refuses a host that sets off the alarm of its group', async () => {
  world.alarmOnSince = [undefined, undefined, minutesAgo(9)];
  expect(await launch({ watch: 60_000 })).toMatchObject([{ Status: 'FAILURE' }]);
  expect(said()).toContain('the alarm of its group fired');
});

test('lets a host stay while an alarm is on that is older than the deploy', async () => {
  world.alarmOnSince = [minutesAgo(11)];
  expect(await launch()).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('on the way back a healthy host is let through, alarm or not, or the stack would be stuck', async () => {
  world.stack = ['UPDATE_ROLLBACK_IN_PROGRESS'];
  world.alarmOnSince = [minutesAgo(9)];
  expect(await launch()).toMatchObject([{ Status: 'SUCCESS' }]);
});

test.each(['UPDATE_COMPLETE', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'])(
  'watches nothing while no deploy is going on (%s)',
  async (stack) => {
    world.stack = [stack];
    expect(await launch()).toEqual([]);
    expect(said()).toContain('no signal is needed');
  },
);

// CloudFormation counts signals, and a refusal among those of a rollback would end it.
test.each([
  ['is rolled back', { stack: ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'] }],
  ['is over', { stack: ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'] }],
  ['is followed by another', { began: [minutesAgo(20), minutesAgo(1)] }],
])('says nothing of a host whose deploy %s while it is watched', async (_, change) => {
  Object.assign(world, { target: ['healthy', 'draining'] }, change);
  expect(await launch({ watch: 60_000 })).toEqual([]);
  expect(said()).toContain('The deploy that launched the host is over');
});

test('a deploy that ended meanwhile needs no answer', async () => {
  world.signalRefused = 'ValidationError';
  await launch();
  expect(said()).toContain('No signal was awaited');
});

test('signals a failure at once, and throws, when it cannot read the state', async () => {
  world.lookingFails = true;
  await expect(launch()).rejects.toThrow('InternalFailure');
  const signals = aws.calls.filter(({ action }) => action === 'SignalResource');
  expect(signals).toMatchObject([{ values: { Status: 'FAILURE' } }]);
});

test('fails when CloudFormation refuses a signal for any other reason, so that its alarm tells people', async () => {
  world.signalRefused = 'InvalidOperation';
  await expect(launch()).rejects.toThrow('InvalidOperation');
  expect(said()).not.toContain('No signal was awaited');
});

const cancelled = () =>
  aws.calls.filter(({ action }) => action === 'CancelInstanceRefresh').map(({ values }) => values);

describe('a group whose hosts are replaced by an instance refresh', () => {
  beforeEach(() => {
    world.refresh = 'under way';
  });

  test('goes on after a host that stays', async () => {
    world.signalRefused = 'ValidationError';
    await launch();
    expect(cancelled()).toEqual([]);
  });

  // CloudFormation may take a signal of an update that awaits none.
  test.each([undefined, 'ValidationError'])(
    'is given up because of a host that never gets healthy (signal: %s)',
    async (signalRefused) => {
      Object.assign(world, { target: ['unhealthy'], signalRefused });
      await launch({ patience: 1 });
      expect(cancelled()).toMatchObject([{ AutoScalingGroupName: 'Shop-Services-TiersWebFleetGroup-1' }]);
    },
  );

  test('is given up when a new host cannot be looked at', async () => {
    world.lookingFails = true;
    await expect(launch()).rejects.toThrow('InternalFailure');
    expect(cancelled()).toHaveLength(1);
  });

  test('is left alone by a host that a policy added while no deploy is going on', async () => {
    Object.assign(world, { target: ['unhealthy'], stack: ['UPDATE_COMPLETE'] });
    await launch({ patience: 1 });
    expect(cancelled()).toEqual([]);
  });

  test('is not ended by a host of the release that is rolled back, which drains', async () => {
    world.stack = ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'];
    world.target = ['healthy', 'draining'];
    await launch({ watch: 60_000 });
    expect(said()).toContain('it was healthy and is draining');
    expect(cancelled()).toEqual([]);
  });

  test('is not ended by a slow host of the rollback itself, or the stack would be stuck', async () => {
    Object.assign(world, { stack: ['UPDATE_ROLLBACK_IN_PROGRESS'], target: ['initial'] });
    await launch({ patience: 1 });
    expect(said()).toContain('The deploy is rolling back: it goes on');
    expect(cancelled()).toEqual([]);
  });

  test.each([
    ['given up', 'UPDATE_IN_PROGRESS', 1],
    ['left alone', 'UPDATE_ROLLBACK_IN_PROGRESS', 0],
  ])('is %s when its deploy was not seen at first (%s)', async (_, stack, times) => {
    world.stack = [stack];
    world.deployUnseen = true;
    await expect(launch()).rejects.toThrow('ValidationError');
    expect(cancelled()).toHaveLength(times);
  });

  test('may have ended already, because of another host', async () => {
    Object.assign(world, { refresh: 'none', target: ['unhealthy'] });
    await launch({ patience: 1 });
    expect(said()).toContain('No instance refresh is under way');
  });

  test('is not taken for ended because it could not be cancelled', async () => {
    Object.assign(world, { cancelRefused: 'ResourceContention', target: ['unhealthy'] });
    await expect(launch({ patience: 1 })).rejects.toThrow('ResourceContention');
    expect(said()).not.toContain('No instance refresh is under way');
  });
});

describe('an alarm that goes on', () => {
  const fires = (alarmName = 'TheAlarm') => handler({ detail: { alarmName } });

  beforeEach(() => {
    world.refresh = 'under way';
  });

  test('ends the refresh of its group, the bake time included', async () => {
    await fires();
    expect(aws.calls[0]?.values).toMatchObject({
      'Filters.member.1.Name': 'tag:shop:rollout-alarm',
      'Filters.member.1.Values.member.1': 'TheAlarm',
    });
    expect(cancelled()).toHaveLength(1);
  });

  test('ends nothing on the way back, or the stack would be stuck', async () => {
    world.stack = ['UPDATE_ROLLBACK_IN_PROGRESS'];
    await fires();
    expect(cancelled()).toEqual([]);
  });

  test.each([
    ['while no deploy is going on', { stack: ['UPDATE_COMPLETE'] }],
    ['of hosts that are replaced one by one, which are watched themselves', { refresh: 'never' as const }],
  ])('ends nothing %s', async (_, change) => {
    Object.assign(world, change);
    await fires();
    expect(cancelled()).toEqual([]);
  });

  test("of no group is nobody's business", async () => {
    await fires('NobodysAlarm');
    expect(aws.calls).toHaveLength(1);
  });
});

test('CDK-15: waits while its permissions are on their way, service by service', async () => {
  aws.denials.set('DescribeAutoScalingGroups', ['AccessDenied']);
  aws.denials.set('DescribeStacks', ['AccessDenied']);
  aws.denials.set('DescribeTargetHealth', ['AccessDenied']);
  aws.denials.set('DescribeAlarms', ['AccessDeniedException']);
  aws.denials.set('SignalResource', ['AccessDenied']);
  expect((await launch()).at(-1)).toMatchObject({ Status: 'SUCCESS' });
  expect([...aws.denials.values()].flat()).toEqual([]);
});

import { handler } from '../../../../lib/compute/fleet/rollout.handler';
import type { Pace } from '../../../../lib/compute/fleet/verdict';
import { AwsServer, type Call, lambdaEnvironment, refused, stackInState } from '../../aws';

/** A region with one group in a deploy. What a host or an alarm is goes on with each look; the last one remains. */
interface World {
  stack: string;
  target: string[];
  alarmOnSince: (Date | undefined)[];
  signalRefused?: string;
  lookingFails?: boolean;
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
afterAll(() => aws.stop());
beforeEach(() => {
  world = { stack: 'UPDATE_IN_PROGRESS', target: ['healthy'], alarmOnSince: [undefined] };
  aws.calls.splice(0);
  jest.spyOn(console, 'log').mockImplementation();
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** The stack is old, and the deploy began ten minutes ago. */
function deployInState(state: string) {
  const { body } = stackInState(state);
  const updated = `<LastUpdatedTime>${minutesAgo(10).toISOString()}</LastUpdatedTime>`;
  return { body: body.replace('<StackStatus>', `${updated}<StackStatus>`) };
}

/** The first of what is left to happen; the last stays. */
const next = <T>(left: T[]) => (left.length > 1 ? left.shift() : left[0]) as T;

function answer({ action }: Call) {
  switch (action) {
    case 'DescribeAutoScalingGroups':
      return { body: group };
    case 'DescribeStacks':
      return deployInState(world.stack);
    case 'DescribeTargetHealth':
      if (world.lookingFails) return refused('AccessDenied');
      return { body: targetIs(next(world.target)) };
    case 'DescribeAlarms':
      return { body: JSON.stringify({ MetricAlarms: [alarmIs(next(world.alarmOnSince))] }) };
    default:
      return world.signalRefused ? refused(world.signalRefused) : { body: '<SignalResourceResponse/>' };
  }
}

const tag = (key: string, value: string) => `<member><Key>${key}</Key><Value>${value}</Value></member>`;
const group = `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>
<AutoScalingGroupName>Shop-Services-TiersWebFleetGroup-1</AutoScalingGroupName>
<TargetGroupARNs><member>arn:targets</member></TargetGroupARNs>
<Tags>${tag('aws:cloudformation:stack-id', 'arn:stack')}${tag('aws:cloudformation:logical-id', 'TheGroup')}
${tag('shop:rollout-alarm', 'TheAlarm')}</Tags>
</member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`;

function targetIs(state: string): string {
  return `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member>
<TargetHealth><State>${state}</State></TargetHealth></member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`;
}

function alarmIs(onSince: Date | undefined) {
  const StateValue = onSince ? 'ALARM' : 'OK';
  return { AlarmName: 'TheAlarm', StateValue, StateTransitionedTimestamp: (onSince?.getTime() ?? 0) / 1000 };
}

/** Launches a host; gives what CloudFormation was told of it. Times are so short or so long that a slow machine changes nothing. */
async function launch(times: Partial<Pace> = {}) {
  const pace = { patience: 60_000, watch: 1, pause: 2, ...times };
  const detail = { EC2InstanceId: 'i-new', AutoScalingGroupName: 'Shop-Services-TiersWebFleetGroup-1' };
  await handler({ time: new Date().toISOString(), detail }, undefined, pace);
  return aws.calls.filter(({ action }) => action === 'SignalResource').map(({ values }) => values);
}

const said = () => JSON.stringify(jest.mocked(console.log).mock.calls);

test('tells CloudFormation that a host stays, once it was healthy for a while', async () => {
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

test('refuses a host that sets off the alarm of its group', async () => {
  world.alarmOnSince = [undefined, undefined, minutesAgo(9)];
  expect(await launch({ watch: 60_000 })).toMatchObject([{ Status: 'FAILURE' }]);
  expect(said()).toContain('the alarm of its group went on');
});

test('lets a host stay while an alarm is on that is older than the deploy', async () => {
  world.alarmOnSince = [minutesAgo(11)];
  expect(await launch()).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('on the way back a healthy host is let through, alarm or not, or the stack would be stuck', async () => {
  world.stack = 'UPDATE_ROLLBACK_IN_PROGRESS';
  world.alarmOnSince = [minutesAgo(9)];
  expect(await launch()).toMatchObject([{ Status: 'SUCCESS' }]);
});

test.each(['UPDATE_COMPLETE', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'])(
  'watches nothing while no deploy is going on (%s)',
  async (stack) => {
    world.stack = stack;
    expect(await launch()).toEqual([]);
    expect(said()).toContain('nobody waits');
  },
);

test('a deploy that ended meanwhile needs no answer', async () => {
  world.signalRefused = 'ValidationError';
  await launch();
  expect(said()).toContain('Nobody waited');
});

test('refuses at once, and fails aloud, when it cannot look', async () => {
  world.lookingFails = true;
  await expect(launch()).rejects.toThrow('AccessDenied');
  const signals = aws.calls.filter(({ action }) => action === 'SignalResource');
  expect(signals).toMatchObject([{ values: { Status: 'FAILURE' } }]);
});

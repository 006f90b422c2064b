import { handler } from '../../../lib/guard/guard.handler';
import { AwsServer, lambdaEnvironment, refused, stackInState } from '../aws';
import { ResponseServer } from '../response-server';

const address = new ResponseServer();
let cloudFormation: AwsServer;
let ec2: AwsServer;
let state: string;
/** As EC2 lists them, which is in no order. */
let subnets: [cidr: string, zone: string][];

beforeAll(async () => {
  await address.start();
  cloudFormation = await AwsServer.start(() => (state ? stackInState(state) : refused('InternalFailure')));
  ec2 = await AwsServer.start(() => {
    const items = subnets.map(
      ([cidr, zone]) =>
        `<item><cidrBlock>${cidr}</cidrBlock><availabilityZone>${zone}</availabilityZone></item>`,
    );
    return {
      body: `<DescribeSubnetsResponse><subnetSet>${items.join('')}</subnetSet></DescribeSubnetsResponse>`,
    };
  });
  lambdaEnvironment({
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_ENDPOINT_URL_EC2: ec2.url,
  });
});
beforeEach(() => {
  state = 'UPDATE_IN_PROGRESS';
  subnets = [
    ['10.0.2.0/24', 'us-east-1d'],
    ['10.0.0.0/24', 'us-east-1b'],
    ['10.0.1.0/24', 'us-east-1a'],
  ];
  jest.spyOn(console, 'log').mockImplementation();
});

async function deploy(from: number, to: number) {
  await handler(address.event('Update', { Phase: String(to) }, { Phase: String(from) }));
  return address.answer();
}

test('lets a shop start at any phase, and be removed from any', async () => {
  await handler(address.event('Create', { Phase: '4' }));
  expect(address.answer().Status).toBe('SUCCESS');
  await handler(address.event('Delete', { Phase: '4' }));
  expect(address.answer().Status).toBe('SUCCESS');
});

test.each([
  [1, 1],
  [1, 2],
  [5, 6],
])('lets phase %i become phase %i', async (from, to) => {
  expect(await deploy(from, to)).toMatchObject({ Status: 'SUCCESS' });
});

test('refuses to go down, and says what is deployed, what was asked for and what to do', async () => {
  expect(await deploy(3, 1)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(
      /Phase 3 is deployed and phase 1 was requested.*Set "phase" in cdk\.json to 3/,
    ),
  });
});

test('refuses to skip, and names the phase to take first', async () => {
  expect(await deploy(1, 3)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('-c phase=2 first'),
  });
});

test('does not stand in the way of a rollback, which swaps old and new', async () => {
  state = 'UPDATE_ROLLBACK_IN_PROGRESS';
  expect(await deploy(2, 1)).toMatchObject({ Status: 'SUCCESS' });
});

test('refuses when it cannot find out whether this is a rollback', async () => {
  state = '';
  expect(await deploy(2, 1)).toMatchObject({ Status: 'FAILED' });
});

const here = 'us-east-1b,us-east-1a,us-east-1d';

async function deployTo(
  Zones: string | undefined,
  from: { Phase?: string; Zones?: string } = { Zones: here },
) {
  await handler(address.event('Update', { Phase: '2', Zones }, { Phase: '1', ...from }));
  return address.answer();
}

test('CDK-17: lets the zones stay that the shop is in', async () => {
  expect(await deployTo(here)).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.calls.at(-1)?.values).toMatchObject({
    'Filter.1.Name': 'tag:aws:cloudformation:stack-id',
    'Filter.1.Value.1': expect.stringContaining(':stack/Shop/1'),
    'Filter.2.Name': 'cidr-block',
    'Filter.2.Value.1': '10.0.0.0/24',
  });
});

test.each([
  ['others', 'us-east-1a,us-east-1b,us-east-1c'],
  ['the same in another order', 'us-east-1a,us-east-1b,us-east-1d'],
])('CDK-17: refuses %s, and says which the shop is in and how to pass them', async (_, zones) => {
  expect(await deployTo(zones)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(
      new RegExp(`is in the zones ${here}, and ${zones} were asked for.*-c zones=${here}`),
    ),
  });
});

test('CDK-17: compares with the subnets that are there, also of a shop that nobody asked for zones', async () => {
  expect(await deployTo(here, {})).toMatchObject({ Status: 'SUCCESS' });
  expect(await deployTo('us-east-1a,us-east-1b,us-east-1c', {})).toMatchObject({ Status: 'FAILED' });
});

test('CDK-17: a new shop may be anywhere, and the way back to a template without zones is open', async () => {
  subnets = [];
  await handler(address.event('Create', { Phase: '1', Zones: 'us-east-1a,us-east-1b,us-east-1c' }));
  expect(address.answer()).toMatchObject({ Status: 'SUCCESS' });
  expect(await deployTo(undefined)).toMatchObject({ Status: 'SUCCESS' });
});

test('CDK-17: does not stand in the way of a rollback from other zones', async () => {
  state = 'UPDATE_ROLLBACK_IN_PROGRESS';
  expect(await deployTo('us-east-1a,us-east-1b,us-east-1c')).toMatchObject({ Status: 'SUCCESS' });
});

test('CDK-17: refuses when the subnets are not to be found, since nothing can be compared', async () => {
  subnets = [];
  expect(await deployTo(here)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('0 of the three public subnets'),
  });
});

test('CDK-15: waits while the permission to look for subnets is on its way', async () => {
  ec2.denials.set('DescribeSubnets', ['UnauthorizedOperation', 'UnauthorizedOperation']);
  expect(await deployTo(here)).toMatchObject({ Status: 'SUCCESS' });
});

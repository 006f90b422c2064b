import { setTimeout as sleep } from 'node:timers/promises';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { s3Marker } from '../../../lambda/data-migration/placement/marker-s3';
import { type Place, WayBackClosedError } from '../../../lambda/data-migration/placement/placement';
import { acquirePlacementLease } from '../../../lambda/data-migration/placement/placement-lease';
import { type GuardProperties, handler } from '../../../lib/guard/guard.handler';
import { PhaseGuard } from '../../../lib/guard/phase-guard';
import { type ConditionalS3, startConditionalS3 } from '../../lambda/data-migration/conditional-s3';
import { ROUNDS } from '../../support/rounds';
import { uncheckedApp } from '../../support/unchecked-app';
import { AwsServer, lambdaEnvironment, refused, stackInState } from '../aws';
import { ResponseServer } from '../response-server';

const address = new ResponseServer();
let s3: ConditionalS3;
let cloudFormation: AwsServer;
let state: string;
/** Number of times that CloudFormation still denies access to the state of Shop-Data. */
let denials: number;

beforeAll(async () => {
  lambdaEnvironment({});
  await address.start();
  s3 = await startConditionalS3();
  await s3.createBucket('deployments');
  cloudFormation = await AwsServer.start(({ values }) => {
    const answer = stackInState(state);
    const output =
      '<Outputs><member><OutputKey>DeploymentsBucketName</OutputKey><OutputValue>deployments</OutputValue></member></Outputs>';
    const isData = values.StackName === 'Shop-Data';
    if (isData && denials-- > 0) return refused('AccessDenied');
    return { body: isData ? answer.body.replace('</member>', `${output}</member>`) : answer.body };
  });
  lambdaEnvironment({
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_ENDPOINT_URL_S3: s3.config.endpoint,
  });
});
beforeEach(() => {
  state = 'UPDATE_IN_PROGRESS';
  denials = 0;
  jest.spyOn(console, 'log').mockImplementation();
});

async function deploy(from = '2') {
  const [before, wanted]: GuardProperties[] = [{ Phase: from }, { Phase: '3', MarkerIn: 'Shop-Data' }];
  await handler(address.event('Update', wanted as GuardProperties, before));
  return address.answer();
}

const marker = () => s3Marker(s3.client, 'deployments');
const stored = async () => (await marker().read())?.placement;

const mark = async (data: Place, more: { closed?: true } = {}) =>
  marker().write({ data, since: '2026-11-21T00:00:00Z', by: 'test', ...more }, await marker().read());

async function rollBack(to: GuardProperties = { Phase: '2' }) {
  state = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await handler(address.event('Update', to, { Phase: '3', MarkerIn: 'Shop-Data' }));
  return address.answer();
}

test('a phase whose hosts know the managed side alone waits until the data was moved, and says how to move it', async () => {
  const refusal = { Status: 'FAILED', Reason: expect.stringMatching(/still on the box.*npm run move/) };
  expect(await deploy()).toMatchObject(refusal);
  await mark('managed');
  expect(await deploy()).toMatchObject({ Status: 'SUCCESS' });
  await mark('box');
  expect(await deploy()).toMatchObject(refusal);
});

test('refuses a skipped phase before it reads the marker', async () => {
  await mark('managed');
  expect(await deploy('1')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('-c phase=2 first'),
  });
});

test('does not stand in the way of a rollback', async () => {
  await mark('box');
  state = 'UPDATE_ROLLBACK_IN_PROGRESS';
  expect(await deploy('3')).toMatchObject({ Status: 'SUCCESS' });
});

test('closes the way back when it lets the phase through, and not when it refuses', async () => {
  await mark('box');
  await deploy();
  expect(await stored()).toMatchObject({ data: 'box' });
  expect(await stored()).not.toHaveProperty('closed');
  await mark('managed');
  expect(await deploy()).toMatchObject({ Status: 'SUCCESS' });
  expect(await stored()).toEqual({
    data: 'managed',
    since: '2026-11-21T00:00:00Z',
    by: 'test',
    closed: true,
  });
});

test('of the guard and a mover that goes back at the same moment exactly one wins, each time', async () => {
  const rounds = 12 * (1 + ROUNDS);
  const wins = { guard: 0, mover: 0 };
  await mark('managed');
  const started = performance.now();
  await deploy();
  const guardMs = performance.now() - started;
  for (let round = 0; round < rounds; round++) {
    await mark('managed');
    const placed = await acquirePlacementLease(marker());
    const flip = async () => {
      // From long before the guard writes to long after: its first call was its slowest.
      await sleep((round / rounds) * guardMs);
      return placed.flip('box', 'back').catch((error: Error) => error);
    };
    const [answer, flipped] = await Promise.all([deploy(), flip()]);
    if (answer.Status === 'SUCCESS') {
      wins.guard += 1;
      expect(flipped).toBeInstanceOf(WayBackClosedError);
      expect(await stored()).toMatchObject({ data: 'managed', closed: true });
      expect(placed.current()).toBe('managed');
    } else {
      wins.mover += 1;
      expect(flipped).toBeUndefined();
      expect(answer.Reason).toContain('still on the box');
      expect(await stored()).toMatchObject({ data: 'box', by: 'back' });
      expect(await stored()).not.toHaveProperty('closed');
    }
  }
  console.info(`the guard won ${wins.guard} times, the mover ${wins.mover} times`);
});

test('waits for its own permission, which may be on its way', async () => {
  await mark('managed');
  denials = 2;
  expect(await deploy()).toMatchObject({ Status: 'SUCCESS' });
});

test('opens the way back when the deploy that closed it is rolled back', async () => {
  await mark('managed');
  await deploy();
  expect(await rollBack()).toMatchObject({ Status: 'SUCCESS' });
  expect(await stored()).toEqual({ data: 'managed', since: '2026-11-21T00:00:00Z', by: 'test' });
});

test('leaves it closed when a later deploy is rolled back to a phase that requires it', async () => {
  await mark('managed', { closed: true });
  state = 'UPDATE_ROLLBACK_IN_PROGRESS';
  const [before, wanted]: GuardProperties[] = [
    { Phase: '4', MarkerIn: 'Shop-Data' },
    { Phase: '3', MarkerIn: 'Shop-Data' },
  ];
  await handler(address.event('Update', wanted as GuardProperties, before));
  expect(address.answer().Status).toBe('SUCCESS');
  expect(await stored()).toHaveProperty('closed');
});

test('a rollback goes through even when the way back cannot be opened', async () => {
  await mark('managed', { closed: true });
  const said = jest.spyOn(console, 'error').mockImplementation();
  lambdaEnvironment({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
  expect(await rollBack()).toMatchObject({ Status: 'SUCCESS' });
  lambdaEnvironment({ AWS_ENDPOINT_URL_S3: s3.config.endpoint });
  expect(String(said.mock.calls)).toContain('to reopen the way back');
});

test('a shop does not start there, and the refusal says where it starts', async () => {
  await handler(address.event('Create', { Phase: '3', MarkerIn: 'Shop-Data' }));
  expect(address.answer()).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/-c phase=1.*-c phase=2.*npm run move.*-c phase=3/),
  });
});

test('may touch nothing but the marker, and in every phase that has one: a rollback runs with the older permissions', () => {
  const guard = (requires: 'nothing' | 'data-moved', hasMarker: boolean) => {
    const stack = new Stack(uncheckedApp(), 'Shop-Network', { env: { region: 'us-east-1' } });
    new PhaseGuard(stack, 'Guard', { phase: 3, requires, zones: ['a', 'b', 'c'], hasMarker });
    return Template.fromStack(stack);
  };
  guard('data-moved', true).hasResourceProperties('Custom::PhaseGuard', { MarkerIn: 'Shop-Data' });
  const s3Rights = (template: Template) =>
    Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Action }: { Action: unknown }) =>
        JSON.stringify(Action).includes('s3:'),
      ).map(({ Action, Resource }: Record<string, unknown>) => [Action, JSON.stringify(Resource)]),
    );
  for (const requires of ['nothing', 'data-moved'] as const)
    expect(s3Rights(guard(requires, true))).toEqual([
      [
        ['s3:GetObject', 's3:PutObject'],
        expect.stringContaining(':s3:::shop-data-deployments*/placement.json"'),
      ],
      ['s3:ListBucket', expect.stringContaining(':s3:::shop-data-deployments*"')],
    ]);
  expect(s3Rights(guard('nothing', false))).toEqual([]);
});

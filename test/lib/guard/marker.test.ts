import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type GuardProperties, handler } from '../../../lib/guard/guard.handler';
import { PhaseGuard } from '../../../lib/guard/phase-guard';
import { AnswerAddress } from '../answer-address';
import { AwsServer, Bucket, lambdaEnvironment, stackInState } from '../aws';

const address = new AnswerAddress();
let bucket: Bucket;
let cloudFormation: AwsServer;
let state: string;

beforeAll(async () => {
  lambdaEnvironment({});
  await address.start();
  bucket = await Bucket.start();
  cloudFormation = await AwsServer.start(({ values }) => {
    const answer = stackInState(state);
    const output =
      '<Outputs><member><OutputKey>DeploymentsBucketName</OutputKey><OutputValue>deployments</OutputValue></member></Outputs>';
    const isData = values.StackName === 'Shop-Data';
    return { body: isData ? answer.body.replace('</member>', `${output}</member>`) : answer.body };
  });
  lambdaEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url, AWS_ENDPOINT_URL_S3: bucket.url });
});
afterAll(async () => {
  await address.stop();
  await bucket.stop();
  await cloudFormation.stop();
});
beforeEach(() => {
  state = 'UPDATE_IN_PROGRESS';
  jest.spyOn(console, 'log').mockImplementation();
});

async function deploy(from = '2') {
  const [before, wanted]: GuardProperties[] = [{ Phase: from }, { Phase: '3', MarkerIn: 'Shop-Data' }];
  await handler(address.event('Update', wanted as GuardProperties, before));
  return address.answer();
}

const mark = (data: string) =>
  bucket.put(
    'placement.json',
    JSON.stringify({ data, since: '2026-11-21T00:00:00Z', by: 'test', write: '1' }),
  );

test('a phase that removes the old database waits until the data was moved, and says how to move it', async () => {
  const refusal = { Status: 'FAILED', Reason: expect.stringMatching(/still in it.*npm run move/) };
  expect(await deploy()).toMatchObject(refusal);
  await mark('managed');
  expect(await deploy()).toMatchObject({ Status: 'SUCCESS' });
  await mark('box');
  expect(await deploy()).toMatchObject(refusal);
});

test('skipping is refused first', async () => {
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

test('a shop that starts there has nothing to move', async () => {
  await handler(address.event('Create', { Phase: '3', MarkerIn: 'Shop-Data' }));
  expect(address.answer().Status).toBe('SUCCESS');
});

test('reads nothing but the marker, and only where it is required', () => {
  const guard = (requires: 'nothing' | 'data-moved') => {
    const stack = new Stack(new App(), 'Shop-Network', { env: { region: 'us-east-1' } });
    new PhaseGuard(stack, 'Guard', { phase: 3, requires });
    return Template.fromStack(stack);
  };
  guard('data-moved').hasResourceProperties('Custom::PhaseGuard', { MarkerIn: 'Shop-Data' });
  const policies = (requires: 'nothing' | 'data-moved') =>
    JSON.stringify(guard(requires).findResources('AWS::IAM::Policy'));
  expect(policies('data-moved')).toContain(':s3:::shop-data-deployments*/placement.json');
  expect(policies('data-moved')).not.toContain('s3:Put');
  expect(policies('nothing')).not.toContain('s3:');
});

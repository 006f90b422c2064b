import { handler } from '../../../lib/guard/guard.handler';
import { AnswerAddress } from '../answer-address';
import { AwsServer, lambdaEnvironment, refused, stackInState } from '../aws';

const address = new AnswerAddress();
let cloudFormation: AwsServer;
let state: string;

beforeAll(async () => {
  await address.start();
  cloudFormation = await AwsServer.start(() => (state ? stackInState(state) : refused('AccessDenied')));
  lambdaEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url });
});
afterAll(async () => {
  await address.stop();
  await cloudFormation.stop();
});
beforeEach(() => {
  state = 'UPDATE_IN_PROGRESS';
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
      /Phase 3 is deployed and phase 1 was asked for.*Set "phase" in cdk\.json to 3/,
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

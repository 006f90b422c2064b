import { setTimeout as wait } from 'node:timers/promises';
import { handler, type ReleaseRequest } from '../../../../lib/compute/box/release.handler';
import { AwsServer, Bucket, contextWith, lambdaEnvironment, stackInState } from '../../aws';
import { ResponseServer } from '../../response-server';

const address = new ResponseServer();
const request: ReleaseRequest = { Release: 'abc123', Bucket: 'assets', Key: 'abc123.zip' };
let bucket: Bucket;
let cloudFormation: AwsServer;
let state: string;

beforeAll(async () => {
  lambdaEnvironment({ BUCKET: 'deployments' });
  await address.start();
  cloudFormation = await AwsServer.start(() => stackInState(state));
  bucket = await Bucket.start();
  lambdaEnvironment({ AWS_ENDPOINT_URL_S3: bucket.url, AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url });
});
beforeEach(() => {
  state = 'UPDATE_IN_PROGRESS';
  jest.spyOn(console, 'log').mockImplementation();
  jest.spyOn(console, 'error').mockImplementation();
});

/** Stands for the box: polls until this deployment is wanted, and reports its outcome. */
async function box(deployment: string, outcome: { ok: boolean; message: string }) {
  for (;;) {
    const desired = JSON.parse(await bucket.get('desired.json').catch(() => '{}'));
    if (desired.deployment === deployment) {
      const { release } = desired;
      return bucket.put(`outcomes/${deployment}.json`, JSON.stringify({ ...outcome, release }));
    }
    await wait(5);
  }
}

const update = () => address.event('Update', request, { ...request, Release: 'old' });

test('writes the wanted release in the format that the box reads', async () => {
  const event = update();
  await Promise.all([
    handler(event, contextWith(60_000), 10),
    box(event.RequestId, { ok: true, message: 'healthy' }),
  ]);
  expect(JSON.parse(await bucket.get('desired.json'))).toEqual({
    release: 'abc123',
    bucket: 'assets',
    key: 'abc123.zip',
    deployment: event.RequestId,
  });
  expect(address.answer()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'what-it-was' });
});

test('asks for another release when only the settings are others, whatever their order', async () => {
  const asked = async (Settings: Record<string, string>) => {
    const event = address.event('Update', { ...request, Settings }, request);
    await Promise.all([
      handler(event, contextWith(60_000), 10),
      box(event.RequestId, { ok: true, message: 'healthy' }),
    ]);
    address.answer();
    return JSON.parse(await bucket.get('desired.json'));
  };
  const first = await asked({ A: '1', B: '2' });
  expect(first).toMatchObject({ settings: { A: '1', B: '2' }, key: 'abc123.zip' });
  expect(first.release).toMatch(/^abc123-[0-9a-f]{12}$/);
  expect((await asked({ B: '2', A: '1' })).release).toBe(first.release);
  expect((await asked({ A: '1', B: '3' })).release).not.toBe(first.release);
});

test('fails the deploy with the words of the box when it refuses the release', async () => {
  const event = update();
  const refusal = { ok: false, message: 'readyz said 503: no table users' };
  await Promise.all([handler(event, contextWith(60_000), 10), box(event.RequestId, refusal)]);
  expect(address.answer()).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('readyz said 503: no table users'),
  });
});

test('is not fooled by the outcome of an earlier deploy', async () => {
  const event = update();
  const outcome = { ok: true, message: 'healthy' };
  await Promise.all([handler(event, contextWith(60_000), 10), box(event.RequestId, outcome)]);
  address.answer();
  await handler(update(), contextWith(30_100), 10);
  expect(address.answer().Status).toBe('FAILED');
});

test('fails the deploy while there is time to say so when the box says nothing', async () => {
  await handler(update(), contextWith(30_050), 10);
  expect(address.answer()).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('docs/runbook.md'),
  });
});

test('asks for the release before in a rollback, and never fails it: the stack would be stuck', async () => {
  state = 'UPDATE_ROLLBACK_IN_PROGRESS';
  const back = address.event('Update', { ...request, Release: 'old' }, request);
  await handler(back, contextWith(30_050), 10);
  expect(address.answer().Status).toBe('SUCCESS');
  expect(JSON.parse(await bucket.get('desired.json')).release).toBe('old');
});

test('leaves the box alone when the stack is removed', async () => {
  const before = await bucket.get('desired.json');
  await handler(address.event('Delete', request), contextWith(60_000), 10);
  expect(address.answer().Status).toBe('SUCCESS');
  expect(await bucket.get('desired.json')).toBe(before);
});

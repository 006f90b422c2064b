import { respond } from '../../../lib/custom-resource/respond';
import { ResponseServer } from '../response-server';

const cloudFormation = new ResponseServer();
beforeAll(() => cloudFormation.start());
beforeEach(() => jest.spyOn(console, 'log').mockImplementation());

test('answers with the physical id of the work, and what CloudFormation needs to know its question again', async () => {
  const event = cloudFormation.event('Create', {});
  await respond(event, async () => ({ physicalId: 'made' }));
  expect(cloudFormation.answer()).toEqual({
    Status: 'SUCCESS',
    PhysicalResourceId: 'made',
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: 'Resource',
  });
});

test('sends no content type, which the presigned address does not sign', async () => {
  await respond(cloudFormation.event('Create', {}), async () => ({ physicalId: 'made' }));
  const [{ method, headers } = { method: '', headers: {} }] = cloudFormation.received.splice(0);
  expect(method).toBe('PUT');
  expect(headers['content-type']).toBeUndefined();
  expect(Number(headers['content-length'])).toBeGreaterThan(0);
});

test('gives the reason when the work fails, and keeps the physical id', async () => {
  await respond(cloudFormation.event('Update', {}), async () => {
    throw new Error('the box is on fire');
  });
  expect(cloudFormation.answer()).toMatchObject({
    Status: 'FAILED',
    Reason: 'the box is on fire',
    PhysicalResourceId: 'what-it-was',
  });
});

test('a resource keeps the id that it has: another one would make CloudFormation delete the one before', async () => {
  // After a failed creation CloudFormation has the id of the failure report, and the work knows another.
  for (const type of ['Update', 'Delete'] as const) {
    await respond(cloudFormation.event(type, {}), async () => ({ physicalId: 'made' }));
    expect(cloudFormation.answer()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'what-it-was' });
  }
});

test('a reason of any length arrives with its end, since CloudFormation takes no answer above 4 KiB', async () => {
  await respond(cloudFormation.event('Create', {}), async () => {
    throw new Error(`${'"ü€"\n'.repeat(2_000)}the last line`);
  });
  const [{ headers, body } = { headers: {}, body: undefined }] = cloudFormation.received.splice(0);
  expect(Number(headers['content-length'])).toBeLessThanOrEqual(4096);
  expect(body?.Reason).toMatch(/the last line$/);
  expect(body?.Reason?.length).toBeGreaterThan(1_000);
});

test('tries again when the answer does not arrive, since the stack would hang without it', async () => {
  cloudFormation.statuses = [500, 503];
  await respond(cloudFormation.event('Create', {}), async () => ({ physicalId: 'made' }));
  expect(cloudFormation.received.splice(0)).toHaveLength(3);
});

test.each(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'])(
  'CDK-15: runs the work again while AWS denies it (%s), since permissions of the same deploy come late',
  async (name) => {
    let denials = 2;
    await respond(cloudFormation.event('Create', {}), async () => {
      if (denials-- > 0) throw Object.assign(new Error('not allowed'), { name });
      return { physicalId: 'made' };
    });
    expect(cloudFormation.answer()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'made' });
  },
);

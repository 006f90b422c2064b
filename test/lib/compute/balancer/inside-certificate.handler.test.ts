import { createPrivateKey, createPublicKey } from 'node:crypto';
import { handler } from '../../../../lib/compute/balancer/inside-certificate.handler';
import { AwsServer, type Call, contextWith, lambdaEnvironment } from '../../aws';
import { ResponseServer } from '../../response-server';

const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/1';
const address = new ResponseServer();
/** Stands for ACM: its certificate, and the number of times that it reports this as in use. */
let acm: AwsServer;
let certificate = '';
let looksInUse = 0;
let broken = false;

beforeAll(async () => {
  await address.start();
  acm = await AwsServer.start(answer);
  lambdaEnvironment({ AWS_ENDPOINT_URL_ACM: acm.url });
});
beforeEach(() => {
  acm.calls.splice(0);
  jest.spyOn(console, 'log').mockImplementation();
});

const decoded = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString();
const fault = (type: string) => ({ status: 400, body: JSON.stringify({ __type: type, message: type }) });

function answer({ action, values }: Call) {
  if (broken) return fault('LimitExceededException');
  if (action === 'ImportCertificate') {
    certificate = decoded(values.Certificate);
    return { body: JSON.stringify({ CertificateArn: arn }) };
  }
  if (action === 'GetCertificate') return { body: JSON.stringify({ Certificate: certificate.trim() }) };
  if (!certificate) return fault('ResourceNotFoundException');
  if (looksInUse-- > 0) return fault('ResourceInUseException');
  certificate = '';
  return { body: '{}' };
}

const run = async (type: 'Create' | 'Update' | 'Delete', id = arn, milliseconds = 60_000) => {
  const event = { ...address.event(type, {}), PhysicalResourceId: type === 'Create' ? undefined : id };
  await handler(event, contextWith(milliseconds), 5);
  return address.answer();
};
const actions = () => acm.calls.map(({ action }) => action);

test('makes a certificate, gives the key to ACM and to nobody else, and answers within 4,096 bytes', async () => {
  const answered = await run('Create');
  expect(answered).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: arn,
    Data: { Arn: arn, Certificate: certificate },
  });
  expect(Buffer.byteLength(JSON.stringify(answered))).toBeLessThan(2_048);
  expect(acm.calls[0]?.values.Tags).toContainEqual({ Key: 'shop:certificate', Value: 'inside' });
  const key = decoded(acm.calls[0]?.values.PrivateKey);
  const publicOf = (pem: string) => createPublicKey(pem).export({ type: 'spki', format: 'pem' });
  expect(createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' })).toBe(
    publicOf(certificate),
  );
  expect(JSON.stringify([answered, jest.mocked(console.log).mock.calls])).not.toContain('PRIVATE KEY');
});

test('keeps it when the stack is updated', async () => {
  const before = certificate;
  expect(await run('Update')).toMatchObject({
    PhysicalResourceId: arn,
    Data: { Arn: arn, Certificate: before },
  });
  expect(actions()).toEqual(['GetCertificate']);
});

test('fails when the certificate stays in use', async () => {
  looksInUse = Number.POSITIVE_INFINITY;
  expect(await run('Delete', arn, 15_100)).toMatchObject({
    Status: 'FAILED',
    Reason: 'ResourceInUseException',
  });
});

test('waits until nothing uses it before it is deleted, and does not mind when it is gone', async () => {
  looksInUse = 2;
  expect(await run('Delete')).toMatchObject({ Status: 'SUCCESS' });
  expect(actions()).toEqual(Array(3).fill('DeleteCertificate'));
  expect(await run('Delete')).toMatchObject({ Status: 'SUCCESS' });
});

test('has nothing to delete when it was never made', async () => {
  broken = true;
  expect(await run('Create')).toMatchObject({ Status: 'FAILED', Reason: 'LimitExceededException' });
  acm.calls.splice(0);
  expect(await run('Delete', 'Resource')).toMatchObject({ Status: 'SUCCESS' });
  expect(actions()).toEqual([]);
});

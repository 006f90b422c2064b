import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { handler } from '../../../../lib/compute/box/certificate.handler';
import { AwsServer, Bucket, lambdaEnvironment } from '../../aws';
import { ResponseServer } from '../../response-server';

const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/1';
const address = new ResponseServer();
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let acm: AwsServer;
let bucket: Bucket;
let broken = false;

beforeAll(async () => {
  lambdaEnvironment({ BUCKET: 'deployments', CERTIFICATE_ARN: arn });
  await address.start();
  bucket = await Bucket.start();
  acm = await AwsServer.start(({ values }) => {
    if (broken)
      return { status: 400, body: '{"__type":"RequestInProgressException","message":"not issued yet"}' };
    const passphrase = Buffer.from(values.Passphrase ?? '', 'base64').toString();
    const PrivateKey = keys.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    });
    return { body: JSON.stringify({ Certificate: 'leaf\n', CertificateChain: 'chain\n', PrivateKey }) };
  });
  lambdaEnvironment({ AWS_ENDPOINT_URL_ACM: acm.url, AWS_ENDPOINT_URL_S3: bucket.url });
});
beforeEach(() => jest.spyOn(console, 'log').mockImplementation());

test('brings chain and decrypted key to where the box looks, when the stack is made', async () => {
  await handler(address.event('Create', {}));
  expect(address.answer()).toMatchObject({ Status: 'SUCCESS' });
  expect(acm.calls[0]).toMatchObject({ action: 'ExportCertificate', values: { CertificateArn: arn } });
  expect(await bucket.get('tls/certificate.pem')).toBe('leaf\nchain\n');
  const published = createPublicKey(await bucket.get('tls/key.pem')).export({ type: 'spki', format: 'pem' });
  expect(published).toBe(keys.publicKey.export({ type: 'spki', format: 'pem' }));
});

test('does it again at each renewal', async () => {
  await bucket.put('tls/certificate.pem', 'last year');
  await handler({ resources: [arn] });
  expect(await bucket.get('tls/certificate.pem')).toBe('leaf\nchain\n');
});

test('uses a new passphrase each time, and reveals it to nobody', async () => {
  const passphrases = acm.calls.map(({ values }) => values.Passphrase);
  expect(new Set(passphrases).size).toBe(passphrases.length);
  expect(JSON.stringify(jest.mocked(console.log).mock.calls)).not.toContain('PRIVATE KEY');
});

test('fails the deploy, or the event, when ACM refuses', async () => {
  broken = true;
  await handler(address.event('Update', {}));
  expect(address.answer()).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('not issued yet'),
  });
  await expect(handler({ resources: [arn] })).rejects.toThrow('not issued yet');
});

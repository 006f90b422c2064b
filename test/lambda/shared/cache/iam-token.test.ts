import { iamTokens } from '../../../../lambda/shared/cache/iam-token';
import { presignature } from '../../../support/sigv4';

const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const AT = new Date('2026-11-26T12:34:56.789Z');

const token = (credentials: object = CREDENTIALS) =>
  iamTokens({
    ...{ cache: 'shop-cache', user: 'shop-read', region: 'eu-central-1' },
    credentials: { ...CREDENTIALS, ...credentials },
  })(AT);

test('is a request to connect as the user, of a quarter of an hour, without its scheme', async () => {
  const { host, pathname, searchParams } = new URL(`http://${await token()}`);
  expect(`${host}${pathname}`).toBe('shop-cache/');
  expect(Object.fromEntries(searchParams)).toEqual({
    Action: 'connect',
    User: 'shop-read',
    ResourceType: 'ServerlessCache',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20261126/eu-central-1/elasticache/aws4_request',
    'X-Amz-Date': '20261126T123456Z',
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test.each([{}, { sessionToken: 'FwoGZXIvYXdzEBYaD+/=&?a b' }])(
  'is signed as Amazon describes it, with %o',
  async (more) => {
    const signed = await token(more);
    const { searchParams: query } = new URL(`http://${signed}`);
    expect(query.get('X-Amz-Security-Token') ?? undefined).toBe(
      (more as { sessionToken?: string }).sessionToken,
    );
    const signature = presignature(
      { method: 'GET', path: '/', query, headers: { host: 'shop-cache' }, body: '' },
      CREDENTIALS.secretAccessKey,
    );
    expect(query.get('X-Amz-Signature')).toBe(signature);
  },
);

test('asks for the credentials of the role each time, since those change too', async () => {
  let asked = 0;
  const make = iamTokens({
    ...{ cache: 'shop-cache', user: 'shop-read', region: 'eu-central-1' },
    credentials: async () => ({ ...CREDENTIALS, accessKeyId: `AKID${++asked}` }),
  });
  expect([await make(AT), await make(AT)]).toEqual([
    expect.stringContaining('AKID1'),
    expect.stringContaining('AKID2'),
  ]);
});

import { targetOf } from '../../../../lambda/shared/cache/open';

const refusal = (url: string, region?: string) =>
  targetOf(url, region).then(
    () => undefined,
    (error: Error) => error.message,
  );

test('names a host, with the port of Valkey unless another is given', async () => {
  expect(await targetOf('valkey://cache.internal')).toEqual({ host: 'cache.internal', port: 6379 });
  expect(await targetOf('valkeys://cache.internal:6380')).toEqual({
    host: 'cache.internal',
    port: 6380,
    tls: true,
  });
});

test('logs in as the user of the URL', async () => {
  const { credentials } = await targetOf('valkey://shop:p%40ss@cache:6379');
  expect(await credentials?.()).toEqual({ username: 'shop', password: 'p@ss' });
  const { credentials: ofDefault } = await targetOf('valkey://:secret@cache:6379');
  expect(await ofDefault?.()).toEqual({ username: 'default', password: 'secret' });
});

test('logs in by IAM, which needs a region', async () => {
  const url = 'valkeys://cache.internal:6379?user=shop-read&cache=shop-cache';
  expect(await targetOf(url, 'eu-central-1')).toMatchObject({ tls: true, credentials: expect.any(Function) });
  expect(await refusal(url, '')).toBe(
    'AWS_REGION is required for a cache that is logged in to by IAM, but not set',
  );
});

test('says what a cache URL is, and no password', async () => {
  for (const url of ['redis://user:secret@cache', 'valkey:', 'cache:6379', '']) {
    expect(await refusal(url)).toMatch(/^A cache URL starts with valkey:\/\/ or valkeys:\/\/, not "/);
    expect(await refusal(url)).not.toContain('secret');
  }
});

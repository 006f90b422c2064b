import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProductQuery } from '../../../lambda/inventory/catalog/schemas';

import { edgeFixture } from './edge-fixture';

interface Behavior {
  readonly PathPattern?: string;
  readonly AllowedMethods?: readonly string[];
  readonly CachePolicyId: unknown;
  readonly OriginRequestPolicyId?: string;
  readonly ResponseHeadersPolicyId: unknown;
  readonly FunctionAssociations?: readonly { EventType: string; FunctionARN: { 'Fn::GetAtt': [string] } }[];
  readonly TargetOriginId: string;
  readonly ViewerProtocolPolicy: string;
}

interface Distribution {
  readonly Aliases?: readonly string[];
  readonly CacheBehaviors: readonly Behavior[];
  readonly CustomErrorResponses: readonly { ErrorCode: number; ErrorCachingMinTTL: number }[];
  readonly DefaultCacheBehavior: Behavior;
  readonly DefaultRootObject?: string;
  readonly Origins: readonly Readonly<Record<string, unknown> & { Id: string }>[];
  readonly ViewerCertificate?: Readonly<Record<string, unknown>>;
}

const edges = { named: edgeFixture({ domain: true }), unnamed: edgeFixture({ domain: false }) };
const distribution = (edge: keyof typeof edges) =>
  edges[edge].all('AWS::CloudFront::Distribution')[0]?.DistributionConfig as unknown as Distribution;
const catalogRequests = edges.named.all('AWS::CloudFront::OriginRequestPolicy')[0]?.OriginRequestPolicyConfig;
const { CacheBehaviors, DefaultCacheBehavior, CustomErrorResponses, Origins } = distribution('named');

/** As CloudFront chooses: the first pattern that fits, and otherwise the default. */
const behaviorOf = (path: string): Behavior =>
  CacheBehaviors.find(({ PathPattern = '' }) =>
    new RegExp(`^${PathPattern.replaceAll('*', '.*')}$`).test(path),
  ) ?? DefaultCacheBehavior;
const originOf = (path: string) => Origins.find(({ Id }) => Id === behaviorOf(path).TargetOriginId);

// The ids of CloudFront's managed policies.
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const ALL_VIEWER = '216adef6-5c7f-47e4-b989-5492eafa07d3';

const id = '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11';

test.each([
  ['/', 'ContentStatic'],
  ['/app/main.js', 'ContentStatic'],
  ['/reserving.webm', 'ContentStatic'],
  ['/media/elsewhere.html', 'ContentStatic'],
  [`/media/photos/${id}/640.webp`, 'ContentMedia'],
  ['/api/products', 'Web'],
  ['/api/sessions/current', 'Web'],
])('C6: %s comes from %s', (path, origin) => {
  expect(JSON.stringify(originOf(path))).toContain(origin);
});

test('C6: the bare name shows the page of the shop', () => {
  expect(distribution('named').DefaultRootObject).toBe('index.html');
  expect(distribution('unnamed').DefaultRootObject).toBe('index.html');
});

test('C6: photos alone are asked for under another path than that of the shop, by the function that turns one into the other', () => {
  const [[, FunctionConfig] = []] = Object.entries(edges.named.templates.Edge?.Resources ?? {}).flatMap(
    ([logicalId, { Type, Properties }]) =>
      Type === 'AWS::CloudFront::Function' ? [[logicalId, Properties?.FunctionCode] as const] : [],
  );
  const source = readFileSync(join(__dirname, '../../../lib/edge/photo-path.viewer-request.js'), 'utf8');
  expect(FunctionConfig).toBe(source);
  for (const behavior of [DefaultCacheBehavior, ...CacheBehaviors]) {
    const { FunctionAssociations = [] } = behavior;
    expect(
      FunctionAssociations.map(({ EventType, FunctionARN }) => [EventType, FunctionARN['Fn::GetAtt'][0]]),
    ).toEqual(
      behavior.PathPattern === '/media/photos/*'
        ? [['viewer-request', expect.stringMatching(/^CdnPhotoPath/)]]
        : [],
    );
  }
});

test('B2: ranges of a video are kept like whole files: nothing of a request but its path is in the key', () => {
  expect(behaviorOf('/reserving.webm').CachePolicyId).toBe(CACHING_OPTIMIZED);
  // CloudFront passes Range on by itself; a policy that did so for all would make copies of each range.
  expect(behaviorOf('/reserving.webm').OriginRequestPolicyId).toBeUndefined();
});

test.each(['/api/products', `/api/products/${id}`, '/api/categories'])(
  'C6: %s is kept for as long as the app says',
  (path) => {
    expect(JSON.stringify(behaviorOf(path).CachePolicyId)).toContain('Catalog');
  },
);

test.each([
  '/api/users/me',
  '/api/sessions',
  '/api/reservations',
  `/api/products/${id}/ledger`,
  `/api/products/${id}/photos/${id}/complete`,
])('what belongs to somebody is never kept: %s', (path) => {
  expect(behaviorOf(path)).toMatchObject({
    CachePolicyId: CACHING_DISABLED,
    OriginRequestPolicyId: ALL_VIEWER,
  });
});

test('products are kept by what their answer depends on: what lists understand, and who has just written', () => {
  const [{ CachePolicyConfig } = {}] = edges.named.all('AWS::CloudFront::CachePolicy');
  expect(CachePolicyConfig).toMatchObject({
    MinTTL: 0,
    DefaultTTL: 0,
    MaxTTL: 60,
    ParametersInCacheKeyAndForwardedToOrigin: {
      CookiesConfig: { CookieBehavior: 'whitelist', Cookies: ['wrote'] },
      HeadersConfig: { HeaderBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'whitelist', QueryStrings: Object.keys(ProductQuery.shape) },
      EnableAcceptEncodingGzip: true,
      EnableAcceptEncodingBrotli: true,
    },
  });
});

test('where other front ends are allowed, each origin has answers of its own', () => {
  const { all } = edgeFixture({ domain: false, allowsOtherOrigins: true });
  const keys = all('AWS::CloudFront::CachePolicy').map(({ CachePolicyConfig }) => CachePolicyConfig);
  expect(keys).toMatchObject([
    {
      ParametersInCacheKeyAndForwardedToOrigin: {
        HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['Origin'] },
      },
    },
  ]);
});

test('every method reaches the API, with the Host that the app compares', () => {
  for (const path of ['/api/products', '/api/users']) {
    const { AllowedMethods } = behaviorOf(path);
    expect(AllowedMethods).toEqual(expect.arrayContaining(['PUT', 'PATCH', 'POST', 'DELETE']));
  }
  expect(behaviorOf('/api/users').OriginRequestPolicyId).toBe(ALL_VIEWER);
  expect(catalogRequests).toMatchObject({
    HeadersConfig: { HeaderBehavior: 'allViewer' },
    CookiesConfig: { CookieBehavior: 'all' },
  });
  expect(DefaultCacheBehavior.AllowedMethods).toBeUndefined();
});

test('of the query of what is kept, nothing reaches the app that is not in the key: it reads %71 as q', () => {
  for (const path of ['/api/products', '/api/categories'])
    expect(behaviorOf(path).OriginRequestPolicyId).toEqual({
      Ref: expect.stringMatching(/^CdnCatalogRequests/),
    });
  expect(catalogRequests).toMatchObject({ QueryStringsConfig: { QueryStringBehavior: 'none' } });
});

test('no error that CloudFront would keep is kept longer than the shop says', () => {
  const kept = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
  expect(CustomErrorResponses).toEqual(kept.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })));
});

test('EDGE-1: everybody is led to TLS and gets the security headers', () => {
  for (const behavior of [DefaultCacheBehavior, ...CacheBehaviors]) {
    expect(behavior.ViewerProtocolPolicy).toBe('redirect-to-https');
    expect(JSON.stringify(behavior.ResponseHeadersPolicyId)).toContain('Headers');
  }
  expect(distribution('named')).toMatchObject({
    Aliases: ['shop.example.com'],
    ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' },
  });
  expect(distribution('unnamed').ViewerCertificate).toBeUndefined();
});

test('EDGE-1: buckets are asked with a signature, always', () => {
  expect(edges.named.all('AWS::CloudFront::OriginAccessControl')).toEqual([
    {
      OriginAccessControlConfig: expect.objectContaining({
        OriginAccessControlOriginType: 's3',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      }),
    },
  ]);
  const buckets = Origins.filter((origin) => 'S3OriginConfig' in origin);
  expect(buckets).toHaveLength(2);
  for (const bucket of buckets) expect(bucket).toHaveProperty('OriginAccessControlId');
});

test('ELB-8: the balancer is reached through the VPC, with TLS once there is a name to have a certificate for', () => {
  const endpoint = (edge: keyof typeof edges) => {
    const [origin] = edges[edge].all('AWS::CloudFront::VpcOrigin');
    return origin?.VpcOriginEndpointConfig;
  };
  expect(endpoint('named')).toMatchObject({
    OriginProtocolPolicy: 'https-only',
    OriginSSLProtocols: ['TLSv1.2'],
  });
  expect(endpoint('unnamed')).toMatchObject({ OriginProtocolPolicy: 'http-only' });
});

test('ELB-3: the CDN lets a connection go before the balancer does', () => {
  expect(originOf('/api/users')?.VpcOriginConfig).toMatchObject({
    OriginKeepaliveTimeout: 50,
    OriginReadTimeout: 30,
  });
});

test('an origin is never changed while it is in use: another protocol is another resource', () => {
  const idOf = (edge: keyof typeof edges) =>
    Object.entries(edges[edge].templates.Edge?.Resources ?? {}).find(
      ([, { Type }]) => Type === 'AWS::CloudFront::VpcOrigin',
    )?.[0];
  expect(idOf('named')).not.toBe(idOf('unnamed'));
});

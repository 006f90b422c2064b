import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { edgeFixture } from './edge-fixture';

const nginx = (name: string) =>
  readFileSync(join(__dirname, '../../../lib/compute/box/host/nginx', name), 'utf8');

/** Header by header, as the box says it to a browser; the id of a request is nginx's own. */
const ofNginx = Object.fromEntries(
  [...nginx('headers.conf').matchAll(/^add_header (\S+) (?:"([^"]+)"|(\S+)) always;$/gm)]
    .map(([, name = '', quoted, bare = '']): [string, string] => [name, quoted ?? bare])
    .filter(([name]) => name !== 'X-Request-Id')
    .map(([name, value]) => [
      name,
      value.replace('$upload_origin', 'https://media').replace('$transport_security', hsts()),
    ]),
);

function hsts(): string {
  return nginx('nginx.conf').match(/@DOMAIN@ '([^']+)'/)?.[1] ?? '';
}

interface Written {
  readonly SecurityHeadersConfig: {
    readonly ContentSecurityPolicy: { readonly ContentSecurityPolicy: { 'Fn::Join': [string, unknown[]] } };
    readonly ReferrerPolicy: { readonly ReferrerPolicy: string };
    readonly StrictTransportSecurity: { readonly AccessControlMaxAgeSec: number };
    readonly ContentTypeOptions: { readonly Override: boolean };
  };
  readonly CustomHeadersConfig: { readonly Items: readonly { Header: string; Value: string }[] };
}

test('EDGE-1: browsers hear the same from the CDN as from the web server, whatever an origin says', () => {
  const [policy] = edgeFixture({ domain: false }).all('AWS::CloudFront::ResponseHeadersPolicy');
  const written = policy?.ResponseHeadersPolicyConfig as unknown as Written;
  const { SecurityHeadersConfig: headers, CustomHeadersConfig: custom } = written;
  const parts = headers.ContentSecurityPolicy.ContentSecurityPolicy['Fn::Join'][1];
  const ofCdn = {
    'X-Content-Type-Options': headers.ContentTypeOptions && 'nosniff',
    'Referrer-Policy': headers.ReferrerPolicy.ReferrerPolicy,
    'Strict-Transport-Security': `max-age=${headers.StrictTransportSecurity.AccessControlMaxAgeSec}`,
    'Content-Security-Policy': parts.map((part) => (typeof part === 'string' ? part : 'media')).join(''),
    ...Object.fromEntries(custom.Items.map(({ Header, Value }) => [Header, Value])),
  };
  expect(Object.keys(ofNginx)).toHaveLength(5);
  expect(ofCdn).toEqual(ofNginx);
  expect(JSON.stringify(written)).not.toContain('"Override":false');
  expect(JSON.stringify(parts)).toMatch(/ContentMedia.*RegionalDomainName/);
});

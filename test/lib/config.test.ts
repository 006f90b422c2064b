import fc from 'fast-check';
import { ConfigError, readConfig } from '../../lib/config';
import { settings } from '../phases/synthesized';

const read = (context: Record<string, unknown>) => readConfig({ ...settings, ...context }, 'eu-central-1');

test('a deployer who chooses nothing gets the smallest shop, closed to SSH, in the region of the CLI', () => {
  expect(read({})).toMatchObject({
    phase: { number: 1 },
    region: 'eu-central-1',
    zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
    domain: undefined,
    sshCidrs: [],
    allowedOrigins: [],
    boxSize: { name: 't4g.small' },
    dataVolumeGiB: 20,
    alarmEmail: undefined,
  });
});

test('choices are taken from the strings of -c and from the JSON of cdk.json alike', () => {
  const chosen = {
    phase: { number: 1 },
    zones: ['eu-central-1c', 'eu-central-1a', 'eu-central-1b'],
    sshCidrs: ['203.0.113.7/32', '198.51.100.0/24'],
    allowedOrigins: ['https://a.example', 'http://localhost:5173'],
    boxSize: { name: 'm7g.large' },
    dataVolumeGiB: 100,
    domain: { name: 'shop.example.com', hostedZoneId: 'Z0123456789ABC' },
  };
  const others = { instanceType: 'm7g.large', domain: 'shop.example.com', hostedZoneId: 'Z0123456789ABC' };
  expect(
    read({
      ...others,
      phase: '1',
      zones: 'eu-central-1c, eu-central-1a,eu-central-1b',
      sshCidrs: '203.0.113.7/32, 198.51.100.0/24',
      allowedOrigins: 'https://a.example, http://localhost:5173',
      dataVolumeGiB: '100',
    }),
  ).toMatchObject(chosen);
  expect(
    read({
      ...others,
      phase: 1,
      zones: ['eu-central-1c', 'eu-central-1a', 'eu-central-1b'],
      sshCidrs: ['203.0.113.7/32', '198.51.100.0/24'],
      allowedOrigins: ['https://a.example', 'http://localhost:5173'],
      dataVolumeGiB: 100,
    }),
  ).toMatchObject(chosen);
});

test.each<[string, Record<string, unknown>]>([
  ['phase', { phase: 9 }],
  ['phase', { phase: 'one' }],
  ['sshCidrs', { sshCidrs: '0.0.0.0/0' }],
  ['sshCidrs', { sshCidrs: '::/0' }],
  ['sshCidrs', { sshCidrs: ['203.0.113.7/32', '10.0.0.0/7'] }],
  ['sshCidrs', { sshCidrs: '203.0.113.7' }],
  ['sshCidrs', { sshCidrs: '203.0.113.7/24' }],
  ['sshCidrs', { sshCidrs: '203.0.113.256/32' }],
  ['allowedOrigins', { allowedOrigins: '*' }],
  ['allowedOrigins', { allowedOrigins: 'https://a.example,https://b.example/path' }],
  ['instanceType', { instanceType: 't9.huge' }],
  ['repository', { repository: 'shop' }],
  ['repository', { repository: 'acme/*' }],
  ['repository', { repository: '*/shop' }],
  ['repository', { repository: 'acme/shop:environment:production' }],
  ['repository', { repository: 'acme/..' }],
  ['oidcProvider', { repository: 'acme/shop', oidcProvider: 'arn:aws:iam::1:oidc-provider/evil.example' }],
  ['instanceType', { instanceType: 'm5.large' }],
  ['instanceType', { instanceType: 't4g.nano' }],
  ['dataVolumeGiB', { dataVolumeGiB: 7 }],
  ['dataVolumeGiB', { dataVolumeGiB: 'large' }],
  ['region', { region: 'Frankfurt' }],
  ['zones', { zones: 'eu-central-1a,eu-central-1b' }],
  ['zones', { zones: 'eu-central-1a,eu-central-1b,eu-central-1b' }],
  ['zones', { zones: 'eu-central-1a,eu-central-1b,eu-central-1c,eu-central-1d' }],
  ['zones', { zones: 'a,b,c' }],
  ['zones', { zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1-ham-1a'] }],
  ['zones', { zones: 'eu-central-1a,eu-central-1b,eu-west-1c' }],
  ['zones', { zones: 'euc1-az1,euc1-az2,euc1-az3' }],
  ['alarmEmail', { alarmEmail: 'nobody' }],
  ['domain', { domain: 'http://shop', hostedZoneId: 'Z0123456789ABC' }],
  ['hostedZoneId', { domain: 'shop.example.com', hostedZoneId: 'shop.example.com' }],
  ['imageRelease', { imageRelease: 'a b' }],
])('a wrong %s is refused with what was given, what is allowed and how to set it: %j', (name, context) => {
  const given = JSON.stringify(context[name]);
  expect(() => read(context)).toThrow(ConfigError);
  expect(() => read(context)).toThrow(new RegExp(`- ${name}: .*was given; allowed.*Set it with`));
  expect(() => read(context)).toThrow(given);
});

test('CDK-17: a region without default zones is refused with the command that lists its zones', () => {
  const wrong = () => read({ region: 'us-west-1' });
  expect(wrong).toThrow('- zones: none were given, and us-west-1 has no default');
  expect(wrong).toThrow('aws ec2 describe-availability-zones --region us-west-1');
  expect(wrong).toThrow('Set them with -c zones=us-west-1a,us-west-1b,us-west-1c');
  const zones = 'il-central-1c,il-central-1a,il-central-1b';
  expect(read({ region: 'il-central-1', zones }).zones).toEqual(zones.split(','));
});

test('a domain may be written in other scripts, as Punycode', () => {
  const hostedZoneId = 'Z0123456789ABC';
  for (const domain of ['shop.xn--p1ai', 'xn--caf-dma.example'])
    expect(read({ domain, hostedZoneId }).domain).toEqual({ name: domain, hostedZoneId });
  expect(() => read({ domain: 'кафе.рф', hostedZoneId })).toThrow('in Punycode');
});

test('half a domain is refused', () => {
  expect(() => read({ domain: 'shop.example.com' })).toThrow('both or neither');
  expect(() => read({ hostedZoneId: 'Z0123456789ABC' })).toThrow('both or neither');
});

test('an option that does not exist is refused, and the CDK keeps its own', () => {
  expect(() => read({ pahse: 2 })).toThrow(/pahse: unknown option; the options are phase, name, region/);
  expect(() =>
    read({ 'availability-zones:account=1:region=x': ['a'], 'aws:cdk:x': 1, '@aws-cdk/core:x': 1 }),
  ).not.toThrow();
});

test('all mistakes are reported at once', () => {
  const wrong = () => read({ phase: 9, instanceType: 't9.huge', sshCidrs: '0.0.0.0/0' });
  for (const name of ['phase', 'instanceType', 'sshCidrs']) expect(wrong).toThrow(`- ${name}:`);
});

test('no range wider than /8 gets through, however it is written', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 0, max: 7 }), (bytes, bits) => {
      expect(() => read({ sshCidrs: `${bytes.join('.')}/${bits}` })).toThrow(ConfigError);
    }),
  );
});

test('every single address gets through', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), (bytes) => {
      expect(read({ sshCidrs: `${bytes.join('.')}/32` }).sshCidrs).toEqual([`${bytes.join('.')}/32`]);
    }),
  );
});

test('an identity provider is for a pipeline, which needs a repository', () => {
  const oidcProvider = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com';
  expect(read({ repository: 'acme/shop', oidcProvider })).toMatchObject({
    repository: 'acme/shop',
    oidcProvider,
  });
  expect(() => read({ oidcProvider })).toThrow(/- oidcProvider: one was given; allowed: beside repository/);
});

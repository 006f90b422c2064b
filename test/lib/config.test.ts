import fc from 'fast-check';
import { ConfigError, readConfig } from '../../lib/config';
import { settings } from '../phases/synthesized';

const read = (context: Record<string, unknown>) => readConfig({ ...settings, ...context }, 'eu-central-1');

test('a deployer who chooses nothing gets the smallest shop, closed to SSH, in the region of the CLI', () => {
  expect(read({})).toMatchObject({
    phase: { number: 1 },
    region: 'eu-central-1',
    domain: undefined,
    sshCidrs: [],
    boxSize: { name: 't4g.small' },
    dataVolumeGiB: 20,
    alarmEmail: undefined,
  });
});

test('choices are taken from the strings of -c and from the JSON of cdk.json alike', () => {
  const chosen = {
    phase: { number: 1 },
    sshCidrs: ['203.0.113.7/32', '198.51.100.0/24'],
    boxSize: { name: 'm7g.large' },
    dataVolumeGiB: 100,
    domain: { name: 'shop.example.com', hostedZoneId: 'Z0123456789ABC' },
  };
  const others = { instanceType: 'm7g.large', domain: 'shop.example.com', hostedZoneId: 'Z0123456789ABC' };
  expect(
    read({ ...others, phase: '1', sshCidrs: '203.0.113.7/32, 198.51.100.0/24', dataVolumeGiB: '100' }),
  ).toMatchObject(chosen);
  expect(
    read({ ...others, phase: 1, sshCidrs: ['203.0.113.7/32', '198.51.100.0/24'], dataVolumeGiB: 100 }),
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
  ['instanceType', { instanceType: 't9.huge' }],
  ['instanceType', { instanceType: 'm5.large' }],
  ['instanceType', { instanceType: 't4g.nano' }],
  ['dataVolumeGiB', { dataVolumeGiB: 7 }],
  ['dataVolumeGiB', { dataVolumeGiB: 'large' }],
  ['region', { region: 'Frankfurt' }],
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

test('half a domain is refused', () => {
  expect(() => read({ domain: 'shop.example.com' })).toThrow('both or neither');
  expect(() => read({ hostedZoneId: 'Z0123456789ABC' })).toThrow('both or neither');
});

test('an option that does not exist is refused, and the CDK keeps its own', () => {
  expect(() => read({ pahse: 2 })).toThrow(/pahse: there is no such option; the options are phase, region/);
  expect(() =>
    read({ 'availability-zones:account=1:region=x': ['a'], 'aws:cdk:x': 1, '@aws-cdk/core:x': 1 }),
  ).not.toThrow();
});

test('everything that is wrong is said at once', () => {
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

import { defaultZones } from '../../../lib/network/zones';

test('CDK-17: where no zones are given, a region has three different ones of its own', () => {
  for (const region of [
    'us-east-1',
    'us-west-2',
    'eu-west-1',
    'ap-northeast-1',
    'ca-central-1',
    'sa-east-1',
  ]) {
    const zones = defaultZones(region) ?? [];
    expect(new Set(zones).size).toBe(3);
    for (const zone of zones) expect(zone).toMatch(new RegExp(`^${region}[a-z]$`));
  }
});

test('CDK-17: none of the defaults is a zone that new accounts do not get', () => {
  expect(defaultZones('ap-northeast-1')).not.toContain('ap-northeast-1b');
  expect(defaultZones('ca-central-1')).not.toContain('ca-central-1c');
  expect(defaultZones('us-east-1')).not.toContain('us-east-1e');
  expect(defaultZones('us-west-1')).toBeUndefined();
});

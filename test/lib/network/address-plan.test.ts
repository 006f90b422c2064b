import { addressPlan, subnetsOf, type Tier, vpcCidr } from '../../../lib/network/address-plan';

const range = (cidr: string): [number, number] => {
  const [address = '', bits = ''] = cidr.split('/');
  const start = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return [start, start + 2 ** (32 - Number(bits)) - 1];
};
const cidrs = Object.values(addressPlan).flat();

test('the subnets of all phases fit in the VPC side by side', () => {
  const [first, last] = range(vpcCidr);
  const ranges = cidrs.map(range).sort(([one], [other]) => one - other);
  let end = first - 1;
  for (const [from, to] of ranges) {
    expect(from).toBeGreaterThan(end);
    expect(from % (to - from + 1)).toBe(0);
    end = to;
  }
  expect(end).toBeLessThanOrEqual(last);
});

test('no subnet is ever renumbered', () => {
  expect(addressPlan).toMatchInlineSnapshot(`
{
  "app": [
    "10.0.64.0/20",
    "10.0.80.0/20",
    "10.0.96.0/20",
  ],
  "data": [
    "10.0.128.0/22",
    "10.0.132.0/22",
    "10.0.136.0/22",
  ],
  "public": [
    "10.0.0.0/24",
    "10.0.1.0/24",
    "10.0.2.0/24",
  ],
  "spare": [
    "10.0.192.0/20",
    "10.0.208.0/20",
    "10.0.224.0/20",
  ],
  "web": [
    "10.0.16.0/22",
    "10.0.20.0/22",
    "10.0.24.0/22",
  ],
}
`);
});

test.each(Object.keys(addressPlan) as Tier[])('tier %s has one subnet in each of three zones', (tier) => {
  const zones = ['z', 'x', 'y'] as const;
  expect(subnetsOf(tier, zones).map(({ availabilityZone }) => availabilityZone)).toEqual(zones);
});

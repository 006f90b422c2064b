import type { Templates } from '../cloudformation';
import { type Declared, declaredIn, keyOf } from '../declared';
import { kinds } from './kinds';
import type { Part, Tier } from './model';
import { everyResource, groupsOf, subnetsOf, textOf, tierOf } from './resources';

/** Who uses the shop: no template knows them. */
export const browsers: Part = {
  key: 'browsers',
  band: 'people',
  rank: 0,
  title: 'Browsers',
  lines: ['everybody, over the internet'],
  groups: [],
  members: [],
};

/** The boxes of a picture, in the order of the kinds and then of the templates. */
export function partsOf(templates: Templates): Part[] {
  const all = everyResource(templates);
  const drawn = Object.entries(kinds).flatMap(([type, { gather = keyOf, draw }]) => {
    const ofType = all.filter(({ resource }) => resource.Type === type);
    const gathered = new Map<string, [Declared, ...Declared[]]>();
    for (const one of ofType) {
      const others = gathered.get(gather(one));
      if (others) others.push(one);
      else gathered.set(gather(one), [one]);
    }
    return [...gathered].map(([name, members]): Part => {
      const words = draw(members, templates);
      return {
        band: { tier: tierFor(members[0], templates) },
        rank: 0,
        ...words,
        key: `${type} ${name}`,
        groups: [...new Set(members.flatMap((one) => groupsOf(one, templates)))],
        members: members.map(keyOf),
      };
    });
  });
  return [browsers, ...drawn];
}

/** Of its subnets; an address or a disk is where the hosts are that claim it. */
function tierFor(one: Declared, templates: Templates): string {
  const [subnet] = subnetsOf(one, templates);
  if (subnet) return tierOf(subnet);
  const claimant = claims(templates).find(({ claimed }) => keyOf(claimed) === keyOf(one))?.by;
  const [itsSubnet] = claimant ? subnetsOf(claimant, templates) : [];
  return itsSubnet ? tierOf(itsSubnet) : '';
}

/** What a group's hosts are given by a function that the group waits for, before they serve. */
export function claims(templates: Templates): { readonly by: Declared; readonly claimed: Declared }[] {
  const claimable = ['AWS::EC2::EIP', 'AWS::EC2::Volume'];
  return everyResource(templates)
    .filter(({ resource }) => resource.Type === 'AWS::AutoScaling::AutoScalingGroup')
    .flatMap((by) => {
      const { DependsOn = [] } = by.resource;
      const waitsFor = [DependsOn].flat().map((id) => templates[by.stack]?.Resources?.[String(id)]);
      return waitsFor
        .filter((resource) => resource?.Type === 'AWS::Lambda::Function')
        .flatMap((resource) => declaredIn(resource?.Properties?.Environment, by.stack, templates))
        .filter(({ resource }) => claimable.includes(resource.Type))
        .map((claimed) => ({ by, claimed }));
    });
}

/** The tiers of subnets, in the order of their addresses. */
export function tiersOf(templates: Templates): Tier[] {
  const starts = everyResource(templates)
    .filter(({ resource }) => resource.Type === 'AWS::EC2::Subnet')
    .map((one) => ({ name: tierOf(one), start: addressOf(textOf(one.resource.Properties?.CidrBlock)) }))
    .sort((one, other) => one.start - other.start);
  return starts.filter(({ name }, index) => starts.findIndex((tier) => tier.name === name) === index);
}

export function networkOf(templates: Templates): string {
  const vpc = everyResource(templates).find(({ resource }) => resource.Type === 'AWS::EC2::VPC');
  return vpc ? `VPC ${textOf(vpc.resource.Properties?.CidrBlock)}` : '';
}

/** `10.0.16.0/22` as a number. */
function addressOf(cidr: string): number {
  return (cidr.split('/')[0] ?? '').split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

import type { Templates } from '../cloudformation';
import { keyOf, type ResolvedResource, resolveReferences } from '../resolve-references';
import type { DiagramNode, Location } from './model';
import { resourceKinds } from './resource-kinds';
import { type ResourceGroup, resourcesOf, securityGroupsOf, subnetsOf, textOf, tierOf } from './resources';

/** The users of the shop, who are in no template. */
export const browsers: DiagramNode = {
  key: 'browsers',
  location: 'internet',
  title: 'Browsers',
  lines: ['users on the internet'],
  securityGroups: [],
  resources: [],
};

/** The nodes of a diagram, in the order of the kinds and then of the templates. */
export function nodesOf(templates: Templates): DiagramNode[] {
  const nodes = Object.entries(resourceKinds).flatMap(([type, { groupBy = keyOf, content }]) => {
    const groups = new Map<string, [ResolvedResource, ...ResolvedResource[]]>();
    for (const one of resourcesOf(type, templates).filter(isThere)) {
      const others = groups.get(groupBy(one));
      if (others) others.push(one);
      else groups.set(groupBy(one), [one]);
    }
    return [...groups].map(([name, group]): DiagramNode => {
      return {
        location: locationOf(group, templates),
        ...content(group, templates),
        key: `${type} ${name}`,
        securityGroups: [
          ...new Set(group.flatMap((one) => securityGroupsOf(one, templates)).map((one) => keyOf(one))),
        ],
        resources: group.map(keyOf),
      };
    });
  });
  return [browsers, ...nodes];
}

/** False for a group that may have no hosts: its name is all that there is. */
export const isThere = ({ resource }: ResolvedResource): boolean => resource.Properties?.MaxSize !== '0';

/** The tier of a node's subnets; addresses and disks are in the tier of the hosts that claim them. */
function locationOf([one]: ResourceGroup, templates: Templates): Location {
  const claimant = claims(templates).find(({ claimed }) => keyOf(claimed) === keyOf(one))?.by;
  const [subnet] = [one, ...(claimant ? [claimant] : [])].flatMap((each) => subnetsOf(each, templates));
  return subnet ? { tier: tierOf(subnet) } : 'region';
}

/** The address and the disk that a lifecycle hook's function attaches to a group's hosts before they serve. */
export function claims(
  templates: Templates,
): { readonly by: ResolvedResource; readonly claimed: ResolvedResource }[] {
  const claimable = ['AWS::EC2::EIP', 'AWS::EC2::Volume'];
  return resourcesOf('AWS::AutoScaling::AutoScalingGroup', templates).flatMap((by) => {
    const dependencies = [by.resource.DependsOn ?? []].flat();
    return dependencies
      .map((id) => templates[by.stack]?.Resources?.[String(id)])
      .filter((resource) => resource?.Type === 'AWS::Lambda::Function')
      .flatMap((resource) => resolveReferences(resource?.Properties?.Environment, by.stack, templates))
      .filter(({ resource }) => claimable.includes(resource.Type))
      .map((claimed) => ({ by, claimed }));
  });
}

/** The names of the subnet tiers, in the order of their address ranges. */
export function tiersOf(templates: Templates): string[] {
  const subnets = resourcesOf('AWS::EC2::Subnet', templates)
    .map((one) => ({ tier: tierOf(one), start: addressOf(textOf(one.resource.Properties?.CidrBlock)) }))
    .sort((one, other) => one.start - other.start);
  return [...new Set(subnets.map(({ tier }) => tier))];
}

export function networkOf(templates: Templates): string {
  const [vpc] = resourcesOf('AWS::EC2::VPC', templates);
  return vpc ? `VPC ${textOf(vpc.resource.Properties?.CidrBlock)}` : '';
}

/** `10.0.16.0/22` as a number. */
function addressOf(cidr: string): number {
  return (cidr.split('/')[0] ?? '').split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

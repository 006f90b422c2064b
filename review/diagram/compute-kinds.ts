import { isObject, type Templates } from '../cloudformation';
import { type ResolvedResource, resolveReferences } from '../resolve-references';
import {
  allResources,
  dependenciesOf,
  describedBySecurityGroup,
  type NodeContent,
  nameOf,
  propertyAt,
  type ResourceGroup,
  refersTo,
  resourcesOf,
  textOf,
  zonesOf,
} from './resources';
import { pluralized, spaced } from './text-format';

export function hosts([group]: ResourceGroup, templates: Templates): NodeContent {
  const { MinSize, DesiredCapacity, MaxSize } = group.resource.Properties ?? {};
  const [least, most] = [textOf(MinSize), textOf(DesiredCapacity ?? MaxSize)];
  const count = least === most ? least : `${least} to ${most}`;
  const launchTemplate = dependenciesOf(group, templates).find(
    ({ resource }) => resource.Type === 'AWS::EC2::LaunchTemplate',
  );
  const type = textOf(propertyAt(launchTemplate?.resource.Properties?.LaunchTemplateData, 'InstanceType'));
  const { title, lines } = describedBySecurityGroup(group, templates);
  return {
    title,
    lines: [...lines, ...methodsRoutedTo(group, templates), `${count} × ${type}`],
    zones: zonesOf(group, templates),
  };
}

/** The request methods that listener rules route to the group. */
function methodsRoutedTo(group: ResolvedResource, templates: Templates): string[] {
  const targetGroups = resolveReferences(group.resource.Properties?.TargetGroupARNs, group.stack, templates);
  return resourcesOf('AWS::ElasticLoadBalancingV2::ListenerRule', templates)
    .filter(({ stack, resource }) =>
      targetGroups.some((target) => refersTo(resource.Properties?.Actions, target, stack, templates)),
    )
    .flatMap(({ resource }) => [resource.Properties?.Conditions ?? []].flat())
    .map((condition) => propertyAt(condition, 'HttpRequestMethodConfig', 'Values'))
    .flatMap((methods) => (Array.isArray(methods) ? [`gets ${methods.join(', ')}`] : []));
}

export function functions(all: ResourceGroup, templates: Templates): NodeContent {
  const own = all.filter(({ resource }) => !madeByTheCdk.test(String(resource.Metadata?.['aws:cdk:path'])));
  const purposes = own.map((one) => purposeOf(one, templates)).sort();
  const times = (purpose: string) => purposes.filter((other) => other === purpose).length;
  const lines = [...new Set(purposes)].map((each) => (times(each) > 1 ? `${each} (${times(each)})` : each));
  const helpers = all.length - own.length;
  const isInNetwork = isObject(all[0].resource.Properties?.VpcConfig);
  return {
    title: 'Functions',
    lines: [...lines, ...(helpers > 0 ? [`${pluralized(helpers, 'helper')} of the CDK`] : [])],
    ...(isInNetwork ? { zones: zonesOf(all[0], templates) } : { location: 'region' }),
  };
}

/** The construct paths of the CDK's own custom resources. */
const madeByTheCdk = /\/AWS[0-9a-f]{32}\/|\/Custom::/;

/** The custom resource that a function implements (`Custom::PhaseGuard`), or the function's name. */
function purposeOf(one: ResolvedResource, templates: Templates): string {
  const customResource = allResources(templates).find(({ stack, resource }) =>
    refersTo(resource.Properties?.ServiceToken, one, stack, templates),
  );
  return customResource ? spaced(customResource.resource.Type.replace('Custom::', '')) : nameOf(one);
}

import { isObject, type Templates } from '../cloudformation';
import { type Declared, declaredIn, keyOf } from '../declared';
import type { Drawn, Some } from './kinds';
import { everyResource, inside, madeWith, nameOf, said, textOf, zonesOf } from './resources';
import { counted, words } from './words';

export function balancer([one]: Some, templates: Templates): Drawn {
  const { title, lines } = said(one, templates);
  const reach = textOf(one.resource.Properties?.Scheme);
  return { title, lines: [...lines, `${reach} load balancer`], zones: zonesOf(one, templates) };
}

export function hosts([group]: Some, templates: Templates): Drawn {
  const { MinSize, DesiredCapacity, MaxSize } = group.resource.Properties ?? {};
  const [least, most] = [textOf(MinSize), textOf(DesiredCapacity ?? MaxSize)];
  const count = least === most ? least : `${least} to ${most}`;
  const launch = madeWith(group, templates).find(
    ({ resource }) => resource.Type === 'AWS::EC2::LaunchTemplate',
  );
  const type = textOf(inside(launch?.resource.Properties?.LaunchTemplateData, 'InstanceType'));
  const { title, lines } = said(group, templates);
  return {
    title,
    lines: [...lines, ...methods(group, templates), `${count} × ${type}`],
    zones: zonesOf(group, templates),
    rank: 1,
  };
}

/** For which requests a rule of a listener chooses the group. */
function methods(group: Declared, templates: Templates): string[] {
  const targets = declaredIn(group.resource.Properties?.TargetGroupARNs, group.stack, templates).map(keyOf);
  return everyResource(templates)
    .filter(({ resource }) => resource.Type === 'AWS::ElasticLoadBalancingV2::ListenerRule')
    .filter(({ stack, resource }) =>
      declaredIn(resource.Properties?.Actions, stack, templates).some((one) => targets.includes(keyOf(one))),
    )
    .flatMap(({ resource }) => [resource.Properties?.Conditions ?? []].flat())
    .map((condition) => inside(condition, 'HttpRequestMethodConfig', 'Values'))
    .flatMap((names) => (Array.isArray(names) ? [`gets ${names.join(', ')}`] : []));
}

export function functions(all: Some, templates: Templates): Drawn {
  const own = all.filter(({ resource }) => !ofTheCdk.test(String(resource.Metadata?.['aws:cdk:path'])));
  const names = own.map((one) => purposeOf(one, templates)).sort();
  const times = (name: string) => names.filter((other) => other === name).length;
  const lines = [...new Set(names)].map((name) => (times(name) > 1 ? `${name} (${times(name)})` : name));
  const helpers = all.length - own.length;
  const [first] = all;
  const where: Partial<Drawn> = isObject(first.resource.Properties?.VpcConfig)
    ? { zones: zonesOf(first, templates), rank: 1 }
    : { band: 'region' };
  return {
    title: 'Functions',
    lines: [...lines, ...(helpers > 0 ? [`${counted(helpers, 'helper')} of the CDK`] : [])],
    ...where,
  };
}

/** Where the CDK puts the functions that it makes for its own custom resources. */
const ofTheCdk = /\/AWS[0-9a-f]{32}\/|\/Custom::/;

/** What a deploy asks a function for (`Custom::PhaseGuard`), or its name. */
function purposeOf(one: Declared, templates: Templates): string {
  const asks = everyResource(templates).find(({ stack, resource }) =>
    declaredIn(resource.Properties?.ServiceToken, stack, templates).some(
      (each) => keyOf(each) === keyOf(one),
    ),
  );
  return asks ? words(asks.resource.Type.replace('Custom::', '')) : nameOf(one);
}

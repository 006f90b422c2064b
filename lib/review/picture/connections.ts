import type { Json, Templates } from '../cloudformation';
import { type Declared, declaredIn, keyOf } from '../declared';
import { type End, portRules } from '../ports';
import type { Flow, Part } from './model';
import { browsers } from './parts';
import { everyResource, inside, partsWith, resourcesOf, textOf } from './resources';

/** Who opens connections to whom: what security groups let through, and what no security group knows of. */
export function connections(templates: Templates, parts: readonly Part[]): Flow[] {
  const allowed = portRules(templates).flatMap(({ from, to, port }) =>
    partsAt(from, parts).flatMap((source) =>
      partsAt(to, parts).map((target) => connection(source, target, port)),
    ),
  );
  return [
    ...allowed,
    ...resourcesOf('AWS::CloudFront::Distribution', templates).flatMap((cdn) => ofCdn(cdn, templates, parts)),
    ...resourcesOf('AWS::ElasticLoadBalancingV2::Listener', templates).flatMap((one) =>
      ofListener(one, templates, parts),
    ),
    ...uploads(templates, parts),
  ];
}

/** The parts that one end of a rule is about; who uses the ways out stands in their boxes. */
function partsAt({ name, declared }: End, parts: readonly Part[]): Part[] {
  if (name.startsWith('internet')) return [browsers];
  if (name === 'CloudFront (prefix list)') return parts.filter(({ title }) => title === 'CloudFront');
  const inGroup = parts.filter(({ groups }) => declared && groups.includes(keyOf(declared)));
  return inGroup.filter(({ band }) => band !== 'ways');
}

/** Browsers to a distribution, and a distribution to its origins. */
function ofCdn(cdn: Declared, templates: Templates, parts: readonly Part[]): Flow[] {
  const config = cdn.resource.Properties?.DistributionConfig;
  const policy = inside(config, 'DefaultCacheBehavior', 'ViewerProtocolPolicy');
  const ports = policy === 'https-only' ? ['443'] : ['80', '443'];
  const origins = declaredIn(inside(config, 'Origins'), cdn.stack, templates);
  return partsWith(cdn, parts).flatMap((own) => [
    ...ports.map((port) => connection(browsers, own, port)),
    ...origins.flatMap((origin) =>
      behind(origin, templates).flatMap(({ one, port }) =>
        partsWith(one, parts).map((target) => connection(own, target, port)),
      ),
    ),
  ]);
}

/** A bucket, or the balancer that a VPC origin leads to. */
function behind(origin: Declared, templates: Templates): { one: Declared; port: string }[] {
  if (origin.resource.Type === 'AWS::S3::Bucket') return [{ one: origin, port: '443' }];
  if (origin.resource.Type !== 'AWS::CloudFront::VpcOrigin') return [];
  const endpoint = origin.resource.Properties?.VpcOriginEndpointConfig;
  const port = inside(endpoint, 'OriginProtocolPolicy') === 'http-only' ? '80' : '443';
  return declaredIn(inside(endpoint, 'Arn'), origin.stack, templates).map((one) => ({ one, port }));
}

/** A balancer to the groups whose targets its listener, or a rule of it, chooses. */
function ofListener(listener: Declared, templates: Templates, parts: readonly Part[]): Flow[] {
  const actions = [
    ...declaredIn(listener.resource.Properties?.DefaultActions, listener.stack, templates),
    ...resourcesOf('AWS::ElasticLoadBalancingV2::ListenerRule', templates)
      .filter(({ stack, resource }) => leadsTo(resource.Properties?.ListenerArn, listener, stack, templates))
      .flatMap(({ stack, resource }) => declaredIn(resource.Properties?.Actions, stack, templates)),
  ];
  const balancers = declaredIn(listener.resource.Properties?.LoadBalancerArn, listener.stack, templates);
  return actions.flatMap((targets) =>
    everyResource(templates)
      .filter(({ stack, resource }) =>
        leadsTo(resource.Properties?.TargetGroupARNs, targets, stack, templates),
      )
      .flatMap((group) => partsWith(group, parts))
      .flatMap((group) =>
        balancers
          .flatMap((one) => partsWith(one, parts))
          .map((own) => connection(own, group, textOf(targets.resource.Properties?.Port))),
      ),
  );
}

function leadsTo(value: Json | undefined, one: Declared, stack: string, templates: Templates): boolean {
  return declaredIn(value, stack, templates).some((each) => keyOf(each) === keyOf(one));
}

/** A bucket that lets pages of the shop send to it is one that browsers send to. */
function uploads(templates: Templates, parts: readonly Part[]): Flow[] {
  return resourcesOf('AWS::S3::Bucket', templates)
    .filter(({ resource }) => JSON.stringify(resource.Properties?.CorsConfiguration)?.includes('"PUT"'))
    .flatMap((bucket) => partsWith(bucket, parts))
    .map((target) => connection(browsers, target, 'PUT'));
}

function connection(from: Part, to: Part, label: string): Flow {
  return { from: from.key, to: to.key, label, kind: 'connection' };
}

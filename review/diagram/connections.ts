import type { Templates } from '../cloudformation';
import { type End, portRules } from '../ports';
import { keyOf, type ResolvedResource, resolveReferences } from '../resolve-references';
import type { DiagramEdge, DiagramNode } from './model';
import { browsers } from './nodes';
import { allResources, nodesWith, propertyAt, refersTo, resourcesOf, textOf } from './resources';

/** Connections that security groups allow, and those that no security group controls. */
export function connections(templates: Templates, nodes: readonly DiagramNode[]): DiagramEdge[] {
  const allowed = portRules(templates).flatMap(({ from, to, port }) =>
    nodesAt(from, nodes).flatMap((source) =>
      nodesAt(to, nodes).map((target) => connection(source, target, port)),
    ),
  );
  return [
    ...allowed,
    ...resourcesOf('AWS::CloudFront::Distribution', templates).flatMap((cdn) =>
      toAndFromCdn(cdn, templates, nodes),
    ),
    ...resourcesOf('AWS::ElasticLoadBalancingV2::Listener', templates).flatMap((listener) =>
      toTargets(listener, templates, nodes),
    ),
    ...uploads(templates, nodes),
  ];
}

/** The nodes at one end of a rule. Endpoints list their users in their boxes instead of having arrows. */
function nodesAt({ name, declared }: End, nodes: readonly DiagramNode[]): DiagramNode[] {
  if (name.startsWith('internet')) return [browsers];
  if (name === 'CloudFront (prefix list)') return nodes.filter(({ title }) => title === 'CloudFront');
  return nodes.filter(
    ({ securityGroups, location }) =>
      declared && securityGroups.includes(keyOf(declared)) && location !== 'endpoints',
  );
}

/** Browsers to a distribution, and a distribution to its origins. */
function toAndFromCdn(
  cdn: ResolvedResource,
  templates: Templates,
  nodes: readonly DiagramNode[],
): DiagramEdge[] {
  const config = cdn.resource.Properties?.DistributionConfig;
  const policy = propertyAt(config, 'DefaultCacheBehavior', 'ViewerProtocolPolicy');
  const ports = policy === 'https-only' ? ['443'] : ['80', '443'];
  const origins = resolveReferences(propertyAt(config, 'Origins'), cdn.stack, templates).flatMap((origin) =>
    behindOrigin(origin, templates),
  );
  return nodesWith(cdn, nodes).flatMap((source) => [
    ...ports.map((port) => connection(browsers, source, port)),
    ...origins.flatMap(({ one, port }) =>
      nodesWith(one, nodes).map((target) => connection(source, target, port)),
    ),
  ]);
}

/** A bucket, or the balancer that a VPC origin leads to. */
function behindOrigin(
  origin: ResolvedResource,
  templates: Templates,
): { one: ResolvedResource; port: string }[] {
  if (origin.resource.Type === 'AWS::S3::Bucket') return [{ one: origin, port: '443' }];
  if (origin.resource.Type !== 'AWS::CloudFront::VpcOrigin') return [];
  const endpoint = origin.resource.Properties?.VpcOriginEndpointConfig;
  const port = propertyAt(endpoint, 'OriginProtocolPolicy') === 'http-only' ? '80' : '443';
  return resolveReferences(propertyAt(endpoint, 'Arn'), origin.stack, templates).map((one) => ({
    one,
    port,
  }));
}

/** A balancer to the host groups whose targets its listener, or a rule of it, chooses. */
function toTargets(
  listener: ResolvedResource,
  templates: Templates,
  nodes: readonly DiagramNode[],
): DiagramEdge[] {
  const { DefaultActions, LoadBalancerArn } = listener.resource.Properties ?? {};
  const rules = resourcesOf('AWS::ElasticLoadBalancingV2::ListenerRule', templates).filter(
    ({ stack, resource }) => refersTo(resource.Properties?.ListenerArn, listener, stack, templates),
  );
  const targetGroups = [
    ...resolveReferences(DefaultActions, listener.stack, templates),
    ...rules.flatMap(({ stack, resource }) =>
      resolveReferences(resource.Properties?.Actions, stack, templates),
    ),
  ];
  const sources = resolveReferences(LoadBalancerArn, listener.stack, templates).flatMap((one) =>
    nodesWith(one, nodes),
  );
  return targetGroups.flatMap((targets) =>
    allResources(templates)
      .filter(({ stack, resource }) =>
        refersTo(resource.Properties?.TargetGroupARNs, targets, stack, templates),
      )
      .flatMap((hosts) => nodesWith(hosts, nodes))
      .flatMap((target) =>
        sources.map((source) => connection(source, target, textOf(targets.resource.Properties?.Port))),
      ),
  );
}

/** Browsers upload to a bucket whose CORS rules allow it for pages of the shop. */
function uploads(templates: Templates, nodes: readonly DiagramNode[]): DiagramEdge[] {
  return resourcesOf('AWS::S3::Bucket', templates)
    .filter(({ resource }) => JSON.stringify(resource.Properties?.CorsConfiguration)?.includes('"PUT"'))
    .flatMap((bucket) => nodesWith(bucket, nodes))
    .map((target) => connection(browsers, target, 'PUT'));
}

function connection(from: DiagramNode, to: DiagramNode, label: string): DiagramEdge {
  return { from: from.key, to: to.key, label, kind: 'connection' };
}

import type { Templates } from '../cloudformation';
import { resolveReferences } from '../resolve-references';
import type { DiagramEdge, DiagramNode } from './model';
import { browsers, claims } from './nodes';
import { nodesWith, propertyAt, resourcesOf } from './resources';

/** Nodes that lead to, guard or hold another, without a connection between them. */
export function relations(templates: Templates, nodes: readonly DiagramNode[]): DiagramEdge[] {
  return [...names(templates, nodes), ...guards(templates, nodes), ...claimed(templates, nodes)];
}

function names(templates: Templates, nodes: readonly DiagramNode[]): DiagramEdge[] {
  return resourcesOf('AWS::Route53::RecordSet', templates).flatMap((record) => {
    const { ResourceRecords = [], AliasTarget = [] } = record.resource.Properties ?? {};
    const targets = resolveReferences([ResourceRecords, AliasTarget], record.stack, templates);
    return nodesWith(record, nodes).flatMap((source) => [
      relation(browsers, source, 'name'),
      ...targets
        .flatMap((one) => nodesWith(one, nodes))
        .map((target) => relation(source, target, 'leads to')),
    ]);
  });
}

function guards(templates: Templates, nodes: readonly DiagramNode[]): DiagramEdge[] {
  const acls = resourcesOf('AWS::WAFv2::WebACL', templates).flatMap((one) => nodesWith(one, nodes));
  return resourcesOf('AWS::CloudFront::Distribution', templates)
    .filter(({ resource }) => propertyAt(resource.Properties?.DistributionConfig, 'WebACLId') !== undefined)
    .flatMap((cdn) => nodesWith(cdn, nodes))
    .flatMap((cdn) => acls.map((acl) => relation(acl, cdn, 'checks')));
}

/** An address leads to the group; the group writes to a disk. */
function claimed(templates: Templates, nodes: readonly DiagramNode[]): DiagramEdge[] {
  return claims(templates).flatMap(({ by, claimed: thing }) =>
    nodesWith(by, nodes).flatMap((host) =>
      nodesWith(thing, nodes).map((held) =>
        thing.resource.Type === 'AWS::EC2::EIP' ? relation(held, host, '') : relation(host, held, ''),
      ),
    ),
  );
}

function relation(from: DiagramNode, to: DiagramNode, label: string): DiagramEdge {
  return { from: from.key, to: to.key, label, kind: 'relation' };
}

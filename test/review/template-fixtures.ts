import type { Json, Resource, Template } from '../../review/cloudformation';
import type { Synthesis } from '../../review/synthesis';

/** A resource as the CDK renders it, its construct path made from the stack `Shop` and its id. */
export function resource(
  Type: string,
  Properties: Record<string, Json> = {},
  rest: Partial<Resource> = {},
): Resource {
  return { Type, Properties, ...rest };
}

/** Resources with a construct path each: `Shop/<logical id>/Resource`. */
export function template(Resources: Record<string, Resource>, Outputs: Template['Outputs'] = {}): Template {
  const placed = Object.entries(Resources).map(([id, each]) => {
    return [id, { ...each, Metadata: { 'aws:cdk:path': `Shop/${id}/Resource` } }] as const;
  });
  return { Resources: Object.fromEntries(placed), Outputs };
}

export function synthesis(templates: Synthesis['templates']): Synthesis {
  return { templates, protectedStacks: [], deployedAfter: {} };
}

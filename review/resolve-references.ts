import { exportsOf, importsOf, type Json, type Resource, references, type Templates } from './cloudformation';

/** A resource that a value of a template refers to. */
export interface ResolvedResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly resource: Resource;
}

/** Every resource that a value refers to, following imports into the exporting stack; in reading order. */
export function resolveReferences(value: unknown, stack: string, templates: Templates): ResolvedResource[] {
  const own = references(value).flatMap(({ logicalId }) => {
    const resource = templates[stack]?.Resources?.[logicalId];
    return resource ? [{ stack, logicalId, resource }] : [];
  });
  const imported = importsOf(value).flatMap((name) => {
    const exporter = exporterOf(name, templates);
    return exporter ? resolveReferences(exporter.value, exporter.stack, templates) : [];
  });
  return [...own, ...imported];
}

/** The stack of an export, and the exported value. */
function exporterOf(name: string, templates: Templates): { stack: string; value: Json } | undefined {
  const found = Object.entries(templates).flatMap(([stack, template]) => {
    const value = exportsOf(template).get(name);
    return value === undefined ? [] : [{ stack, value }];
  });
  return found[0];
}

/** Unique across all stacks. */
export function keyOf({ stack, logicalId }: Pick<ResolvedResource, 'stack' | 'logicalId'>): string {
  return `${stack}/${logicalId}`;
}

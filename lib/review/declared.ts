import { exportsOf, importsOf, type Json, type Resource, references, type Templates } from './cloudformation';

/** A resource that a value of some template leads to. */
export interface Declared {
  readonly stack: string;
  readonly logicalId: string;
  readonly resource: Resource;
}

/** Every resource that a value of a stack refers to, imports followed into the stack that exports; in reading order. */
export function declaredIn(value: unknown, stack: string, templates: Templates): Declared[] {
  const own = references(value).flatMap(({ logicalId }) => {
    const resource = templates[stack]?.Resources?.[logicalId];
    return resource ? [{ stack, logicalId, resource }] : [];
  });
  const imported = importsOf(value).flatMap((name) => {
    const exporter = exporterOf(name, templates);
    return exporter ? declaredIn(exporter.value, exporter.stack, templates) : [];
  });
  return [...own, ...imported];
}

/** Where an export comes from, and what its stack exports under the name. */
function exporterOf(name: string, templates: Templates): { stack: string; value: Json } | undefined {
  const found = Object.entries(templates).flatMap(([stack, template]) => {
    const value = exportsOf(template).get(name);
    return value === undefined ? [] : [{ stack, value }];
  });
  return found[0];
}

/** Unique over all stacks. */
export function keyOf({ stack, logicalId }: Pick<Declared, 'stack' | 'logicalId'>): string {
  return `${stack}/${logicalId}`;
}

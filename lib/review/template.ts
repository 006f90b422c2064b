import type { Json, Templates } from './cloudformation';
import { entriesOf } from './entries';
import { renderEntry } from './render';

/** A whole phase as text for people: every property of every stack, asset hashes left out. */
export function readableTemplates(templates: Templates): string {
  const stacks = Object.keys(templates).sort();
  return `${stacks
    .flatMap((stack) => [
      `# ${stack}`,
      ...entriesOf(templates[stack]).flatMap(({ title, fields }) => ['', title, ...fieldLines(fields, '  ')]),
      '',
    ])
    .join('\n')}`;
}

/** One field after the other, in the order of the template. */
export function fieldLines(fields: Readonly<Record<string, Json>>, indent: string): string[] {
  return Object.entries(fields).flatMap(([name, value]) => renderEntry(name, value, indent));
}

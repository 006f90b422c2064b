import type { Json, Templates } from './cloudformation';
import { renderEntry } from './render';
import { templateEntries } from './template-entries';

/** A whole phase as readable text: every property of every stack, without asset hashes. */
export function readableTemplates(templates: Templates): string {
  const stacks = Object.keys(templates).sort();
  return `${stacks
    .flatMap((stack) => [
      `# ${stack}`,
      ...templateEntries(templates[stack]).flatMap(({ title, fields }) => [
        '',
        title,
        ...fieldLines(fields, '  '),
      ]),
      '',
    ])
    .join('\n')}`;
}

/** All fields in the order of the template. */
export function fieldLines(fields: Readonly<Record<string, Json>>, indent: string): string[] {
  return Object.entries(fields).flatMap(([name, value]) => renderEntry(name, value, indent));
}

import { exportsOf, importsOf, isSame, type Json, references } from '../cloudformation';
import { type ResourceChange, replacement, valueMoves } from '../differences';
import type { Synthesis } from '../synthesis';
import { aboutStack, type Found, type Step } from './step';

export function vanishedStacks({ before, after }: Step): Found[] {
  return Object.keys(before.templates)
    .filter((stack) => !(stack in after.templates))
    .map((stack) =>
      aboutStack(stack, {
        what: 'the stack is in the phase before and not in this one',
        why: 'a deploy does not delete it: it runs on, unmanaged, and blocks changes of its imports',
        remedy: 'keep the stack under its name; a stack that is to go is emptied first',
      }),
    );
}

/** Producers are updated before consumers, so the imports of the previous phase must still be exported. */
export function lostExports({ before, after }: Step): Found[] {
  return exportsInUse(before)
    .filter(
      ({ name, producer }) => producer in after.templates && !exportsOf(after.templates[producer]).has(name),
    )
    .map(({ name, producer, consumers }) =>
      aboutStack(producer, {
        what: `export ${name} is gone`,
        why: `${consumers} still imports it while ${producer} is updated: the deploy fails`,
        remedy: 'keep it a phase longer with exportValue()',
      }),
    );
}

export function changedExports({ before, after, changes }: Step): Found[] {
  return exportsInUse(before).flatMap(({ name, producer, consumers, value }) => {
    const next = exportsOf(after.templates[producer]).get(name);
    const inStack = changes.filter(({ stack }) => stack === producer);
    const cause = next === undefined ? undefined : causeOfChange(value, next, inStack);
    if (!cause) return [];
    return aboutStack(producer, {
      what: `export ${name} ${cause}`,
      why: `${consumers} imports it, and CloudFormation refuses to change an export in use: the deploy fails`,
      remedy: 'export the new value under a new name and keep the old export a phase longer',
    });
  });
}

interface ExportInUse {
  readonly name: string;
  readonly value: Json;
  readonly producer: string;
  readonly consumers: string;
}

function exportsInUse({ templates }: Synthesis): ExportInUse[] {
  const imports = Object.entries(templates).map(([stack, template]) => ({
    stack,
    names: importsOf(template),
  }));
  return Object.entries(templates).flatMap(([producer, template]) =>
    [...exportsOf(template)].flatMap(([name, value]) => {
      const consumers = imports.filter(({ names }) => names.includes(name)).map(({ stack }) => stack);
      return consumers.length > 0 ? [{ name, value, producer, consumers: consumers.join(', ') }] : [];
    }),
  );
}

function causeOfChange(value: Json, next: Json, changes: readonly ResourceChange[]): string | undefined {
  if (!isSame(value, next)) return 'has another value';
  const used = references(value);
  const cause = changes.find((change) =>
    used.some(
      ({ logicalId, attribute }) =>
        logicalId === change.logicalId &&
        (replacement(change) !== undefined || valueMoves(change.type, attribute)),
    ),
  );
  return cause && `changes with ${cause.logicalId}`;
}

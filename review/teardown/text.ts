import { dollars, UNCHECKED } from '../cost/text';
import type { AccountState } from './account';
import type { Survivor } from './survivors';

/** On a terminal of 80 columns: one line each, its cost, and below it the command that deletes it. */
export function survivorsText(title: string, left: readonly Survivor[]): string {
  const sum = left.reduce((total, { usd }) => total + usd, 0);
  return [
    title,
    '',
    ...left.flatMap(({ name, why, usd, remove }) => [
      `  ${name.slice(0, 40).padEnd(41)}${why.padEnd(23)}${dollars(usd).padStart(10)} ${UNCHECKED}`,
      ...folded(remove, '      '),
    ]),
    '',
    `  ${'together, USD a month until they are deleted'.padEnd(64)}${dollars(sum).padStart(10)}`,
    '',
  ].join('\n');
}

export function accountText({ standing, skipped }: AccountState): string {
  return [
    standing.length > 0 ? `Stacks that stand: ${standing.join(', ')}` : 'No stack of this shop stands.',
    skipped.length > 0
      ? 'Left by CloudFormation, if nobody has deleted it since:'
      : 'CloudFormation has left nothing in the last 90 days.',
    ...skipped.flatMap(({ date, type, stack, id, physicalId }) => [
      `  ${date} ${type} ${stack}/${id}`,
      `      ${physicalId}`,
    ]),
    '',
  ].join('\n');
}

function folded(text: string, indent: string): string[] {
  if (indent.length + text.length <= 80) return [indent + text];
  const cut = text.lastIndexOf(' ', 80 - indent.length);
  return [indent + text.slice(0, cut), ...folded(text.slice(cut + 1), `${indent.slice(0, 6)}  `)];
}

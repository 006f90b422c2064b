import { fullDiff } from '@aws-cdk/cloudformation-diff';
import type { Templates } from '../cloudformation';
import { constructPath } from '../cloudformation';
import { replacement, replacingProperties, resourceChanges } from '../differences';
import { stepFindings } from '../evolution';
import { openPorts } from '../ports';
import { heldBy, keeps } from '../stateful';
import type { Synthesis } from '../synthesis';
import { userImpact } from '../user-impact';
import { code } from './markdown';

/** A part of the comment. Its lines may be cut at the end, so the worst come first. */
export interface Section {
  readonly title: string;
  /** Said if there are no lines. */
  readonly none: string;
  readonly lines: readonly string[];
}

/** The rules of a step that it breaks: none of them may be deployed. */
export function findingSection(before: Synthesis, after: Synthesis): Section {
  const lines = stepFindings(before, after).map(
    ({ rule, stack, path, logicalId, what, why, remedy }) =>
      `- **${rule}**: ${code(path || logicalId || stack)}: ${code(`${what}. ${why}. ${remedy}`)}`,
  );
  return { title: 'Must not be deployed', none: 'No rule of a step is broken.', lines };
}

/** Replacements and removals; those of data first. */
export function lossSection(before: Templates, after: Templates): Section {
  const losses = resourceChanges(before, after).flatMap((change) => {
    const how = change.after ? replacement(change) : 'is removed';
    if (!how) return [];
    const held = heldBy(change.before);
    const left = change.after ? '' : leftBehind(change.before?.DeletionPolicy);
    const why = change.after ? ` because of ${code(replacingProperties(change).join(', '))}` : '';
    const what = held ? `, which holds ${held}${left}` : '';
    const name = code(constructPath(change.before) || change.logicalId);
    return [{ rank: held ? (left ? 1 : 0) : 2, line: `- ${name} ${code(change.type)} ${how}${why}${what}` }];
  });
  const lines = losses.sort((one, other) => one.rank - other.rank).map(({ line }) => line);
  return { title: 'Replaced or removed', none: 'Nothing is replaced or removed.', lines };
}

function leftBehind(policy: string | undefined): string {
  if (policy === 'Snapshot') return ' (a snapshot stays)';
  return keeps(policy) ? ' (stays, unmanaged)' : '';
}

export function shopperSection(before: Templates, after: Templates): Section {
  const rank = { 'for good': 0, minutes: 1, seconds: 2 } as const;
  const lines = userImpact(before, after)
    .sort((one, other) => rank[one.lasts] - rank[other.lasts])
    .map(({ path, logicalId, sentence, lasts }) => `- ${code(path || logicalId)}: ${sentence} (${lasts})`);
  return { title: 'Shoppers notice', none: 'Nothing.', lines };
}

/** Statements that roles, resources and keys gain or lose; what is gained first. */
export function permissionSection(before: Templates, after: Templates): Section {
  const stacks = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changes = stacks.map((stack) => fullDiff(before[stack] ?? {}, after[stack] ?? {}).iamChanges);
  const of = (sign: '+' | '-') =>
    changes.flatMap(({ statements, managedPolicies }) => {
      const side = sign === '+' ? 'additions' : 'removals';
      return [
        ...statements[side].map((each) => {
          const { effect, action, resource, principal, condition } = each.render();
          const words = [effect, action, 'on', resource, 'to', principal, condition && `if ${condition}`];
          return `- ${sign} ${code(words.filter(Boolean).join(' '))}`;
        }),
        ...managedPolicies[side].map(
          ({ identityArn, managedPolicyArn }) =>
            `- ${sign} ${code(`${managedPolicyArn} for ${identityArn}`)}`,
        ),
      ];
    });
  return { title: 'Permissions', none: 'Unchanged.', lines: [...of('+'), ...of('-')] };
}

/** Rows of the table of open ports that come or go. */
export function portSection(before: Templates, after: Templates): Section {
  const [were, are] = [portLines(before), portLines(after)];
  const rows = (sign: string, some: ReadonlySet<string>, without: ReadonlySet<string>) =>
    [...some].filter((row) => !without.has(row)).map((row) => `- ${sign} ${code(row)}`);
  return {
    title: 'Open ports',
    none: 'Unchanged.',
    lines: [...rows('+', are, were), ...rows('-', were, are)],
  };
}

/** The table has wider columns when it has a longer name, which is no change of a row. */
function portLines(templates: Templates): Set<string> {
  const [, ...rows] = openPorts(templates).trimEnd().split('\n');
  return new Set(rows.map((row) => row.replace(/ {2,}/g, ', ')));
}

import { refusal } from '../../lib/guard/refusal';
import type { Templates } from '../cloudformation';
import type { Synthesis } from '../synthesis';
import { block, code } from './markdown';
import {
  findingSection,
  lossSection,
  permissionSection,
  portSection,
  type Section,
  shopperSection,
} from './sections';

/** By this, the next run finds the comment and updates it. */
export const COMMENT_MARK = '<!-- shop-review -->';

/** GitHub takes 65,536 characters; nobody reads that many. */
export const MOST_BYTES = 20_000;

export interface Comment {
  readonly text: string;
  /** False if the step must not be deployed. */
  readonly mayBeDeployed: boolean;
}

/**
 * The comment on a pull request: what is lost first, then what shoppers notice, permissions, ports, costs.
 * @param costs the text of a cost command for both sides, if there is one
 */
export function reviewComment(before: Synthesis, after: Synthesis, costs?: string): Comment {
  const jump = phaseJump(before.templates, after.templates);
  const findings = findingSection(before, after);
  const sections = [
    findings,
    lossSection(before.templates, after.templates),
    shopperSection(before.templates, after.templates),
    permissionSection(before.templates, after.templates),
    portSection(before.templates, after.templates),
  ];
  const end = costs ? ['', '#### Costs', block(shortened(costs))] : [];
  const head = [
    COMMENT_MARK,
    `### ${titleOf(before.templates, after.templates)}`,
    ...(jump ? [`**Refused.** ${code(jump)}`] : []),
  ];
  return { text: fitted(head, sections, end), mayBeDeployed: !jump && findings.lines.length === 0 };
}

/** Lines of costs: the largest come first, and the sums last. */
const MOST_COSTS = 40;
const SUMS = 7;

function shortened(costs: string): string {
  const lines = costs.trimEnd().slice(0, MOST_BYTES).split('\n');
  const left = lines.length - MOST_COSTS;
  if (left <= 0) return lines.join('\n').slice(0, MOST_BYTES / 4);
  const shown = [...lines.slice(0, MOST_COSTS - SUMS), `  … and ${left} more`, ...lines.slice(-SUMS)];
  return shown.join('\n').slice(0, MOST_BYTES / 4);
}

/**
 * The whole lines that fit, section by section: what comes first matters most. Each section says what it left out. The
 * end has its room in any case.
 */
function fitted(head: readonly string[], sections: readonly Section[], end: readonly string[]): string {
  const more = (left: number) => `- … and ${left} more; \`npm run review\` shows them`;
  const frame = ({ title, lines, none }: Section) => [
    '',
    `#### ${title}`,
    lines.length === 0 ? none : more(lines.length),
  ];
  let room = MOST_BYTES - bytesOf([...head, ...sections.flatMap(frame), ...end]);
  const text = sections.flatMap((section) => {
    const { title, lines, none } = section;
    const shown: string[] = [];
    for (const line of lines) {
      room -= bytesOf([line]);
      if (room < 0) break;
      shown.push(line);
    }
    const left = lines.length - shown.length;
    return ['', `#### ${title}`, ...(lines.length === 0 ? [none] : shown), ...(left > 0 ? [more(left)] : [])];
  });
  return `${[...head, ...text, ...end].join('\n')}\n`;
}

/** With a line break each. */
const bytesOf = (lines: readonly string[]) =>
  lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

function titleOf(before: Templates, after: Templates): string {
  const [was, is] = [phaseIn(before), phaseIn(after)];
  if (was === undefined || is === undefined) return 'What a deploy of this would change';
  return was === is
    ? `What a deploy of this would change in phase ${is}`
    : `The step from phase ${was} to ${is}`;
}

/** The guard's own reason, long before it would say so. */
function phaseJump(before: Templates, after: Templates): string | undefined {
  const [was, is] = [phaseIn(before), phaseIn(after)];
  return was === undefined || is === undefined ? undefined : refusal(was, is);
}

/** By the guard; undefined if a template has none. */
export function phaseIn(templates: Templates): number | undefined {
  const guards = Object.values(templates).flatMap(({ Resources = {} }) =>
    Object.values(Resources).filter(({ Type }) => Type === 'Custom::PhaseGuard'),
  );
  const phase = Number(guards[0]?.Properties?.Phase);
  return Number.isInteger(phase) ? phase : undefined;
}

import { isObject, isSame, type Json, type Templates } from './cloudformation';
import { type ResourceChange, replacement, replacingProperties, resourceChanges } from './differences';
import { inline, render, renderEntry } from './render';
import { keeps } from './stateful';
import { fieldLines } from './template';
import { type TemplateEntry, templateEntries } from './template-entries';

const INDENT = '      ';

/** A step in the style of `cdk diff`: additions in full, changes before and after, removals. */
export function readableStep(before: Templates, after: Templates): string {
  const changes = resourceChanges(before, after);
  const stacks = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const text = stacks.flatMap((stack) => {
    const lines = stackLines(stack, before, after, changes);
    const mark = stack in before ? (stack in after ? '' : ' (gone)') : ' (new)';
    return lines.length > 0 || mark ? [`# ${stack}${mark}`, '', ...lines] : [];
  });
  return text.length > 0 ? text.join('\n') : 'Nothing changes.\n';
}

function stackLines(
  stack: string,
  before: Templates,
  after: Templates,
  changes: readonly ResourceChange[],
): string[] {
  const was = new Map(templateEntries(before[stack]).map((entry) => [entry.id, entry]));
  const is = new Map(templateEntries(after[stack]).map((entry) => [entry.id, entry]));
  const ids = [...is.keys(), ...[...was.keys()].filter((id) => !is.has(id))];
  return ids.flatMap((id) => {
    const change = changes.find((each) => each.stack === stack && id === `Resources/${each.logicalId}`);
    const lines = entryLines(was.get(id), is.get(id), change);
    return lines.length > 0 ? [...lines, ''] : [];
  });
}

function entryLines(
  was: TemplateEntry | undefined,
  is: TemplateEntry | undefined,
  change: ResourceChange | undefined,
): string[] {
  if (!was) return is ? [`[+] ${is.title}`, ...fieldLines(is.fields, INDENT)] : [];
  if (!is) return [`[-] ${was.title}${keeps(change?.before?.DeletionPolicy) ? '  stays, unmanaged' : ''}`];
  const how = change && replacement(change);
  const because = how ? `  ${how} because of ${replacingProperties(change).join(', ')}` : '';
  const lines = changedLines(was.fields, is.fields, '');
  if (lines.length === 0 && was.title === is.title && !how) return [];
  const title = was.title === is.title ? is.title : `${was.title} -> ${is.title}`;
  return [`[~] ${title}${because}`, ...lines];
}

/** The differences, with the deepest common path: `LaunchTemplateData.InstanceType: t4g.small -> t4g.large`. */
function changedLines(was: Json | undefined, is: Json | undefined, path: string): string[] {
  if (isSame(was, is)) return [];
  if (is === undefined) return was === undefined ? [] : marked('-', path, was);
  if (was === undefined) return marked('+', path, is);
  if (isPlainObject(was) && isPlainObject(is)) {
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return names.flatMap((name) => changedLines(was[name], is[name], path ? `${path}.${name}` : name));
  }
  const [old, now] =
    Array.isArray(was) && Array.isArray(is) ? [was.map(inline), is.map(inline)] : [render(was), render(is)];
  return beforeAndAfter(path, old, now);
}

function beforeAndAfter(path: string, old: readonly string[], now: readonly string[]): string[] {
  if (isSame(old, now)) return [`${INDENT}${path}: <asset> -> another <asset>`];
  const short = `${INDENT}${path}: ${old[0]} -> ${now[0]}`;
  if (old.length === 1 && now.length === 1 && short.length <= 110) return [short];
  const start = commonStart(old, now);
  const end = Math.min(
    commonStart([...old].reverse(), [...now].reverse()),
    Math.min(old.length, now.length) - start,
  );
  const only = (lines: readonly string[], sign: string) =>
    lines.slice(start, lines.length - end).map((line) => `${INDENT}  ${sign}${line && ` ${line}`}`);
  return [`${INDENT}${path}:`, ...only(old, '-'), ...only(now, '+')];
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  const different = one.findIndex((line, index) => line !== other[index]);
  return different === -1 ? one.length : different;
}

function marked(sign: '+' | '-', path: string, value: Json): string[] {
  const [first = '', ...rest] = renderEntry(path, value, `${INDENT}  `);
  return [`${INDENT}${sign} ${first.trimStart()}`, ...rest];
}

/** An object whose keys are names, not one of CloudFormation's functions. */
function isPlainObject(value: Json): value is Readonly<Record<string, Json>> {
  return isObject(value) && !Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}

import { stripVTControlCharacters } from 'node:util';

/** The longest name that is shown in full. */
const LONGEST = 240;

/**
 * Text of a template as inline code. Names in a pull request are anybody's: in code, Markdown and HTML are plain
 * characters, links are no links, and nobody is mentioned. The fence is longer than any run of backticks inside.
 */
export function code(text: string): string {
  const line = oneLine(text);
  const shown = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  const fence = '`'.repeat(longestRun(shown) + 1);
  // Markdown takes one space off each end.
  return `${fence} ${shown || '(empty)'} ${fence}`;
}

/** Lines as they are, in a block that none of them can end. */
export function block(text: string): string {
  const clean = text.split('\n').map(oneLine).join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(clean) + 1));
  return `${fence}\n${clean}\n${fence}`;
}

/** A line break would end the code; direction marks would show a name that is not the name. */
function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trimEnd();
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

import { type Check, statementOf } from './checks';

/** A chapter, read from its page: what the page shows is what is run, and what it hides is what must be seen. */
export interface Chapter {
  readonly title: string;
  /** Named in the page, and free to choose by whoever runs it. */
  readonly place: Place;
  readonly steps: readonly Step[];
}

export interface Place {
  readonly port: number;
  /** Relative to the repository, or absolute. Belongs to the chapter alone: it is deleted in the end. */
  readonly data: string;
}

export interface Step {
  /** Of its command in the page, from 1. */
  readonly line: number;
  /** The heading that it is below. */
  readonly section: string;
  /** For bash. */
  readonly command: string;
  /** The program stays; it counts as open once it has said this. */
  readonly opens?: string;
  /** A figure of this step that the reader predicts before. */
  readonly asks?: { readonly figure: string; readonly question: string };
  /** At least one. */
  readonly checks: readonly Check[];
}

/** A page that cannot be followed. */
export class ChapterError extends Error {
  override name = 'ChapterError';
}

const PLACE = /^<!-- place: port (\d+), data (\S+) -->$/m;

/**
 * A block of `sh` is a step. The comment behind it says what must be seen, a line each:
 *
 *     <!-- see
 *     opens: The shop is open
 *     asks: rate = How many a second?
 *     says: a fact
 *     figure: rate = /(\d+) a second/ from 10 to 10000
 *     ratio: slow / fast from 2 to 1000
 *     otherwise: the likely mistake, if the line before does not hold
 *     -->
 *
 * @throws ChapterError for a step without anything to see, and for lines that are not understood
 */
export function chapterOf(markdown: string): Chapter {
  const [, port, data = ''] = PLACE.exec(markdown) ?? [];
  if (port === undefined)
    throw new ChapterError('The page has no <!-- place: port 8081, data .local/guide-1 -->');
  const lines = markdown.split('\n');
  const steps: Step[] = [];
  let section = '';
  for (let at = 0; at < lines.length; at++) {
    section = /^## (.+)$/.exec(lines[at] ?? '')?.[1] ?? section;
    if (lines[at] !== '```sh') continue;
    const end = lines.indexOf('```', at + 1);
    const closed = lines[end + 1] === '<!-- see' ? lines.indexOf('-->', end) : -1;
    if (end < 0 || closed < 0)
      throw new ChapterError(`Line ${at + 1}: a command without <!-- see --> behind it: nothing holds it`);
    const command = lines.slice(at + 1, end).join('\n');
    steps.push({ line: at + 2, section, command, ...seenIn(lines.slice(end + 2, closed), end + 3) });
    at = closed;
  }
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? '';
  return { title, place: { port: Number(port), data }, steps };
}

function seenIn(lines: readonly string[], first: number): Pick<Step, 'opens' | 'asks' | 'checks'> {
  const checks: Check[] = [];
  let opens: string | undefined;
  let asks: Step['asks'];
  for (const [at, line] of lines.entries()) {
    const [, key = '', value = ''] = /^([a-z ]+): (.+)$/.exec(line) ?? [];
    const last = checks.at(-1);
    try {
      const statement = statementOf(key, value);
      if (statement) checks.push({ statement });
      else if (key === 'opens') opens = value;
      else if (key === 'asks') asks = askedIn(value);
      else if (key === 'otherwise' && last) checks[checks.length - 1] = { ...last, otherwise: value };
      else throw new Error(`"${line}" is not understood`);
    } catch (error) {
      throw new ChapterError(`Line ${first + at}: ${(error as Error).message}`);
    }
  }
  if (checks.length === 0) throw new ChapterError(`Line ${first}: nothing that must be seen`);
  return { checks, ...(opens !== undefined && { opens }), ...(asks && { asks }) };
}

function askedIn(value: string): NonNullable<Step['asks']> {
  const [, figure = '', question = ''] = /^(\w+) = (.+)$/.exec(value) ?? [];
  if (!question) throw new Error(`"${value}" is not well formed; expected figure = question`);
  return { figure, question };
}

/** The chapter in another place: its commands and texts name that one. */
export function placed({ place: own, ...chapter }: Chapter, place: Place): Chapter {
  const moved = (text: string) =>
    text.replaceAll(String(own.port), String(place.port)).replaceAll(own.data, place.data);
  const steps = chapter.steps.map((step) => ({
    ...step,
    command: moved(step.command),
    checks: step.checks.map(({ statement, ...rest }) => ({
      ...rest,
      statement: 'text' in statement ? { ...statement, text: moved(statement.text) } : statement,
    })),
  }));
  return { ...chapter, place, steps };
}

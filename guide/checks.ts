/** A number that a step takes from its output, as a name and the pattern whose first group it is. */
interface Figure {
  readonly name: string;
  readonly pattern: RegExp;
}

/** A statement about the output of a step. Facts hold exactly; figures lie in a range, which machines differ in. */
export type Statement =
  | { readonly kind: 'says' | 'says not'; readonly text: string }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'figure'; readonly figure: Figure; readonly range: Range }
  | { readonly kind: 'ratio'; readonly of: string; readonly to: string; readonly range: Range };

interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Check {
  readonly statement: Statement;
  /** For the reader, when the statement does not hold: the likely mistake. */
  readonly otherwise?: string;
}

/** A step that has ended, or, of a program that stays, what it said until it was open. */
export interface Seen {
  readonly output: string;
  /** Undefined while the program runs. */
  readonly code?: number | undefined;
}

/** By name; each step adds its own. */
export type Figures = Readonly<Record<string, number>>;

const FIGURE = /^(\w+) = \/(.+)\/ from ([\d.]+) to ([\d.]+)$/;
const RATIO = /^(\w+) \/ (\w+) from ([\d.]+) to ([\d.]+)$/;

/** One line of a hidden comment. Undefined if the key is none of a statement. @throws Error for a line that is not well formed */
export function statementOf(key: string, value: string): Statement | undefined {
  if (key === 'says' || key === 'says not') return { kind: key, text: value };
  if (key === 'exit') return { kind: 'exit', code: whole(value) };
  if (key === 'figure') {
    const [, name = '', pattern = '', from, to] =
      FIGURE.exec(value) ?? malformed(value, 'name = /…/ from 1 to 2');
    return { kind: 'figure', figure: { name, pattern: new RegExp(pattern) }, range: rangeOf(from, to) };
  }
  if (key === 'ratio') {
    const [, of = '', to = '', from, upTo] = RATIO.exec(value) ?? malformed(value, 'one / other from 1 to 2');
    return { kind: 'ratio', of, to, range: rangeOf(from, upTo) };
  }
  return undefined;
}

/** The figures that a step's output holds. */
export const figuresIn = (checks: readonly Check[], { output }: Seen): Figures =>
  Object.fromEntries(
    checks.flatMap(({ statement }) => {
      if (statement.kind !== 'figure') return [];
      const { name, pattern } = statement.figure;
      const found = pattern.exec(output)?.[1];
      return found === undefined ? [] : [[name, Number(found.replaceAll(',', ''))]];
    }),
  );

/** Undefined if the statement holds; otherwise what was expected and what was seen. */
export function objection(statement: Statement, seen: Seen, figures: Figures): string | undefined {
  switch (statement.kind) {
    case 'says':
      return seen.output.includes(statement.text)
        ? undefined
        : `expected the output to contain "${statement.text}"`;
    case 'says not':
      return seen.output.includes(statement.text)
        ? `expected the output not to contain "${statement.text}"`
        : undefined;
    case 'exit':
      return seen.code === statement.code
        ? undefined
        : `expected the exit code ${statement.code}, not ${seen.code ?? 'a program that goes on'}`;
    case 'figure': {
      const { name, pattern } = statement.figure;
      const value = figures[name];
      if (value === undefined) return `expected ${name} in the output, as ${pattern}`;
      return outside(value, statement.range, name);
    }
    case 'ratio': {
      const [one, other] = [figures[statement.of], figures[statement.to]];
      const name = `${statement.of} / ${statement.to}`;
      if (one === undefined || other === undefined)
        return `expected ${name}, but one of the two was not seen`;
      return outside(one / other, statement.range, name);
    }
  }
}

const outside = (value: number, { from, to }: Range, name: string): string | undefined =>
  value >= from && value <= to ? undefined : `expected ${name} from ${from} to ${to}, not ${rounded(value)}`;

const rounded = (value: number): number => Number(value.toPrecision(3));

const rangeOf = (from = '', to = ''): Range => ({ from: Number(from), to: Number(to) });

function whole(value: string): number {
  return /^\d+$/.test(value) ? Number(value) : malformed(value, 'a whole number');
}

function malformed(value: string, expected: string): never {
  throw new Error(`"${value}" is not well formed; expected ${expected}`);
}

/** A block of comment: a run of `//` or `#` lines, or one from `/*` to its end. */
export interface Comment {
  /** Of its first character, from 1. */
  readonly line: number;
  /** Without the marks of a comment. */
  readonly text: string;
}

const QUESTION_WORD = /^(?:what|who|whom|whose|whether|where|how|when|which)\b/i;

/** The beginning of a JSDoc field, up to its text. */
const FIELD = /(?:^|\s)@(?:param\s+(?:\{[^}]*\}\s*)?\w+(?:\s+-)?|[a-z]+)\s+/;
const DIRECTIVE = /^biome-ignore\S* [^:]*:\s*/;

/** True if the comment or one of its JSDoc fields begins with a word that asks: it names no subject. */
export const beginsWithQuestionWord = ({ text }: Comment): boolean =>
  text.split(FIELD).some((opening) => QUESTION_WORD.test(opening.replace(DIRECTIVE, '').trim()));

/** A comment, or a piece of code as a whole if it may contain the marks of one, or else one character. */
const PIECE =
  /(?<space>\s+)|(?<line>\/\/[^\n]*)|(?<block>\/\*[\s\S]*?\*\/)|(?<string>'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*")|(?<word>[\w$#]+)|[\s\S]/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;
/** The text of a template up to its end, or up to a substitution. */
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y;
/** A slash after one of these begins a regular expression; after other words and closing brackets it divides. */
const BEFORE_EXPRESSION =
  /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|await|yield|[^\w$#)\]}'"`])$/;

/** The comments of a file in JavaScript or TypeScript. */
export function scriptComments(source: string): Comment[] {
  const found: Found[] = [];
  /** Braces that are open, for each template whose substitution is being read. */
  const templates: number[] = [];
  let previous = ';';
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const template = () => {
    const isOpen = take(TEMPLATE)?.[0].endsWith('{');
    if (isOpen) templates.push(0);
    previous = isOpen ? '{' : '`';
  };
  while (at < source.length) {
    const start = at;
    if (source[at] === '/' && !/[/*]/.test(source[at + 1] ?? '') && BEFORE_EXPRESSION.test(previous)) {
      if (take(REGEX)) {
        previous = '`';
        continue;
      }
    }
    const { 0: piece, groups = {} } = take(PIECE) ?? { 0: '' };
    if (groups.space) continue;
    if (groups.line) found.push({ start, end: at, text: piece.replace(/^\/+ ?/, ''), isLine: true });
    else if (groups.block) found.push({ start, end: at, text: withoutStars(piece), isLine: false });
    else if (piece === '`') template();
    else {
      const depth = templates.at(-1);
      if (piece === '{' && depth !== undefined) templates[templates.length - 1] = depth + 1;
      if (piece === '}' && depth !== undefined) {
        if (depth === 0) {
          templates.pop();
          template();
          continue;
        }
        templates[templates.length - 1] = depth - 1;
      }
      previous = groups.string ? '`' : piece;
    }
  }
  return blocks(source, found);
}

const withoutStars = (block: string) =>
  block.replace(/^\/\*+ ?|\s*\*+\/$/g, '').replace(/^[ \t]*\*(?!\*) ?/gm, '');

const SHELL_PIECE =
  /(?<comment>(?<=^|[\s;(])#[^\n]*)|(?<quoted>'[^']*'|"(?:\\[\s\S]|[^"\\])*")|<<-?\s*(?<quote>['"]?)(?<end>\w+)\k<quote>[^\n]*\n[\s\S]*?\n\t*\k<end>(?=\n|$)|\\[\s\S]|[\s\S]/gm;

/** The comments of a shell script, without its first line. */
export function shellComments(source: string): Comment[] {
  const found = [...source.matchAll(SHELL_PIECE)].flatMap(({ index, groups }) =>
    groups?.comment && !(index === 0 && groups.comment.startsWith('#!'))
      ? {
          start: index,
          end: index + groups.comment.length,
          text: groups.comment.replace(/^#+ ?/, ''),
          isLine: true,
        }
      : [],
  );
  return blocks(source, found);
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly isLine: boolean;
}

/** Joins comments that stand alone on lines that follow each other. */
function blocks(source: string, found: readonly Found[]): Comment[] {
  const isAlone = ({ start }: Found) =>
    /(?:^|\n)[ \t]*$/.test(source.slice(source.lastIndexOf('\n', start - 1), start));
  const joined: { line: number; text: string }[] = [];
  found.forEach((comment, n) => {
    const before = found[n - 1];
    const last = joined.at(-1);
    const follows =
      before?.isLine &&
      comment.isLine &&
      isAlone(before) &&
      isAlone(comment) &&
      /^\n[ \t]*$/.test(source.slice(before.end, comment.start));
    if (follows && last) last.text += `\n${comment.text}`;
    else joined.push({ line: source.slice(0, comment.start).split('\n').length, text: comment.text });
  });
  return joined;
}

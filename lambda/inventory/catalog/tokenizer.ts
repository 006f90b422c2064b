import { pluralBase } from './plurals';

/** In UTF-16 units. Longer words are cut, in products and in queries alike. */
const LONGEST = 40;
/** Only the first words of a product are indexed: a description can be long, an index must not be. */
const MAX_INDEXED_WORDS = 400;
const MAX_QUERY_WORDS = 8;

/** Sorts after every letter and digit, so it ends the range of words with a given prefix. */
const LAST = '\u{10FFFF}';
/** Sorts before them, and after the blank that MySQL compares short words with: ends the range of one word. */
const FIRST = '!';

/** The normalized words of a text: without case, accents, ligatures or widths (decision 0220). */
export function tokenize(text: string): string[] {
  return [...new Set(split(text, (run) => run.flatMap((char, at) => [char, ...pairAt(run, at)])))];
}

/** The words to index for a product, each with the form that it shares with its plural. */
export function indexTokens(texts: readonly string[]): string[] {
  return [...new Set(tokenize(texts.join(' ')).flatMap(formsOf))].slice(0, MAX_INDEXED_WORDS);
}

/** A word matches products that have any of these. */
export const formsOf = (word: string): string[] => [...new Set([word, pluralBase(word)])];

/** Matches products with each of `whole`, in any of its forms, and with a word of `prefix`. */
export interface ParsedQuery {
  readonly whole: readonly string[];
  /** From `from` to `to`, exclusive, or `base`. */
  readonly prefix: { readonly from: string; readonly to: string; readonly base?: string };
}

/** The last word is a prefix, since the user may still be typing it. Undefined if the text has no words. */
export function parseQuery(question: string): ParsedQuery | undefined {
  const found = split(question, (run) => (run.length === 1 ? run : run.flatMap((_, at) => pairAt(run, at))));
  const last = found.pop();
  if (last === undefined) return undefined;
  const [, base] = formsOf(last);
  return {
    whole: [...new Set(found)].slice(0, MAX_QUERY_WORDS - 1),
    // Each character of a script without spaces is indexed by itself, so one alone is a whole word.
    prefix: { from: last, to: last + (isOneCharacter(last) ? FIRST : LAST), ...(base && { base }) },
  };
}

/** Of scripts that put no spaces between words. */
const UNSPACED = '\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}';
const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
const RUNS = new RegExp(`[${UNSPACED}]+|[^${UNSPACED}]+`, 'gu');
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');
/** With its vowel signs and tone marks, of which a real one has few. */
const CHARACTER = /\P{M}\p{M}{0,4}/gu;

/** Words in their order; a run without spaces gives the pieces that `pieces` makes of its characters. */
function split(text: string, pieces: (characters: string[]) => string[]): string[] {
  const runs =
    fold(text)
      .match(WORDS)
      ?.flatMap((word) => word.match(RUNS) ?? []) ?? [];
  return runs.flatMap((run) => (IS_UNSPACED.test(run) ? pieces(charactersOf(run)) : cut(run)));
}

/** Composed, so that a kana without its sound mark is no beginning of the one with it. */
const charactersOf = (run: string): string[] => run.normalize('NFC').match(CHARACTER) ?? [];

const pairAt = (characters: readonly string[], at: number): string[] =>
  at + 1 < characters.length ? [`${characters[at]}${characters[at + 1]}`] : [];

const isOneCharacter = (word: string): boolean => IS_UNSPACED.test(word) && charactersOf(word).length === 1;

/**
 * Unicode compatibility form without accents and case. Lower, upper and lower again turns ẞ and ß into ss.
 * The Greek sigma has a final form, which depends on the next letter: both become one form.
 */
function fold(text: string): string {
  return bare(bare(text).toLowerCase().toUpperCase().toLowerCase()).replace(/[ςæœøđðħłŧþŋ]/g, plainLetter);
}

/** Letters that Unicode does not compose of a plain one and a mark. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ...{ ς: 'σ', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ł: 'l', ŧ: 't', þ: 'th', ŋ: 'n' },
};
const plainLetter = (letter: string): string => PLAIN_LETTERS[letter] ?? letter;

/** Marks of scripts that are read without them. Kana's sound marks and the vowels of Indic and Thai make other words. */
const ACCENTS = /(?![\u3099\u309A])(?=\p{Mn})[\p{sc=Zinh}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}]/gu;

const bare = (text: string): string => text.normalize('NFKD').replace(ACCENTS, '');

/** Cuts between characters, never inside a surrogate pair. */
function cut(word: string): string {
  return word.length <= LONGEST ? word : word.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, '');
}

/** The longest word that is kept, in UTF-16 units; longer ones are cut, in products and in questions alike. */
const LONGEST = 40;
/** What is found is found by its first words: a description can be long, an index must not be. */
const MOST_WORDS = 200;
const MOST_ASKED = 8;

/** Sorts after every letter and digit: the end of the words that begin with a prefix. */
const LAST = '\u{10FFFF}';

/** The words of a text, as they are stored and compared: without case, accents, ligatures or widths. */
export function words(text: string): string[] {
  return [...new Set(split(text))];
}

/** The words by which a product is found. */
export function indexWords(texts: readonly string[]): string[] {
  return words(texts.join(' ')).slice(0, MOST_WORDS);
}

/** What a search asks for: products that have all of `whole` and a word from `prefix.from` up to before `prefix.to`. */
export interface Asked {
  readonly whole: readonly string[];
  readonly prefix: { readonly from: string; readonly to: string };
}

/** The last word may still be being typed, so it is a prefix. Undefined when there is no word in it. */
export function asked(question: string): Asked | undefined {
  const found = split(question);
  const last = found.pop();
  if (last === undefined) return undefined;
  return { whole: [...new Set(found)].slice(0, MOST_ASKED - 1), prefix: { from: last, to: last + LAST } };
}

const split = (text: string): string[] => (fold(text).match(/[\p{L}\p{N}\p{Mc}]+/gu) ?? []).map(cut);

/**
 * Unicode's compatibility form without accents, and without case: down, up and down, so that ẞ and ß are ss.
 * The Greek sigma has a form for the end of a word, which depends on what follows: one form for both.
 */
function fold(text: string): string {
  return bare(bare(text).toLowerCase().toUpperCase().toLowerCase()).replaceAll('ς', 'σ');
}

const bare = (text: string): string => text.normalize('NFKD').replace(/\p{Mn}/gu, '');

/** By whole characters: half of a pair would be no text. */
function cut(word: string): string {
  return word.length <= LONGEST ? word : word.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, '');
}

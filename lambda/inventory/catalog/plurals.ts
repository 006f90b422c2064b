/** Plurals that no rule makes, and words that only look like plurals. */
const IRREGULAR: Readonly<Record<string, string>> = {
  ...{
    children: 'child',
    feet: 'foot',
    geese: 'goose',
    men: 'man',
    mice: 'mouse',
    teeth: 'tooth',
    women: 'woman',
  },
  ...{ halves: 'half', knives: 'knife', leaves: 'leaf', loaves: 'loaf', scarves: 'scarf', shelves: 'shelf' },
  ...{ canvas: 'canvas', canvases: 'canvas', gases: 'gas', lens: 'lens', lenses: 'lens' },
};

/**
 * The form that an English noun shares with its plural. It is not always a word, since "-es" and "-ies" do not say what
 * the singular ends with: "shoe" and "shoes" give "sho", "cookie" and "cookies" give "cooki".
 * @param word as the tokenizer makes it; a word with other letters than a to z is returned as it is
 */
export function pluralBase(word: string): string {
  if (!/^[a-z]{3,}$/.test(word)) return word;
  const irregular = Object.hasOwn(IRREGULAR, word) ? IRREGULAR[word] : undefined;
  if (irregular === word) return word;
  return withoutEnding(irregular ?? word.replace(/(?<=^.{3,})(?<![sui])s$/, ''));
}

/** Leaves at least three letters: "toe" is not "to", a word of every second text. */
const withoutEnding = (singular: string): string =>
  singular
    .replace(/(?<=^.{3,})(?<=ss|us|sh|ch|x|z|o)e$/, '')
    .replace(/(?<=^.+[^aeiou])(?:y|(?<=^..+)ie)$/, 'i');

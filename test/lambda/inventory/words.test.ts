import fc from 'fast-check';
import { asked, indexWords, words } from '../../../lambda/inventory/words';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const anyText = fc.oneof(text, fc.string({ unit: 'binary', maxLength: 60 }));

/** What the SQL does with a question, in memory. */
function finds(question: string, texts: readonly string[]): boolean {
  const wanted = asked(question);
  const stored = indexWords(texts);
  return (
    wanted?.whole.every((word) => stored.includes(word)) === true &&
    stored.some((word) => byBytes(wanted.prefix.from, word) <= 0 && byBytes(word, wanted.prefix.to) < 0)
  );
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('the words of a text', () => {
  test.each([
    ['Café CRÈME', ['cafe', 'creme']],
    ['Weiße Tasse, groß', ['weisse', 'tasse', 'gross']],
    ['WEIẞE', ['weisse']],
    ['ﬁne １２ ½', ['fine', '12', '1', '2']],
    ['ΟΔΟΣ', ['οδοσ']],
    ['İstanbul ISPARTA ılık', ['istanbul', 'isparta', 'ilik']],
    ['mug mug MUG', ['mug']],
    ['350 ml — it’s', ['350', 'ml', 'it', 's']],
    ['!!! …', []],
    ['', []],
  ])('of "%s" are %j', (given, expected) => {
    expect(words(given)).toEqual(expected);
  });

  test('are found as they are: splitting again changes nothing', () => {
    fc.assert(fc.property(anyText, (given) => expect(words(words(given).join(' '))).toEqual(words(given))));
  });

  test('do not depend on case, accents or how the text is composed', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(words(given.normalize('NFD'))).toEqual(words(given));
        expect(words(given.normalize('NFC'))).toEqual(words(given));
        // The iota below a Greek vowel becomes a letter of its own in capitals: that is another spelling.
        if (!given.normalize('NFD').includes('\u0345'))
          expect(words(given.toUpperCase())).toEqual(words(given));
      }),
    );
  });

  test('fit their column, are whole characters, and hold neither spaces nor capitals', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (given) => {
        for (const word of words(given)) {
          expect(word.length).toBeLessThanOrEqual(40);
          expect(word).toMatch(/^[\p{L}\p{N}\p{Mc}]+$/u);
        }
      }),
    );
  });

  test('of a long description are bounded, the first ones first', () => {
    const many = Array.from({ length: 1000 }, (_, n) => `word${n}`);
    expect(indexWords(['name', many.join(' ')])).toEqual(['name', ...many.slice(0, 199)]);
  });
});

describe('a search', () => {
  test('finds a text by any of its words, in any order, the last one cut short anywhere', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), fc.nat(), (given, pickOne, pickTwo, cutAt) => {
        const found = words(given);
        fc.pre(found.length > 0);
        const one = found[pickOne % found.length] ?? '';
        const two = [...(found[pickTwo % found.length] ?? '')];
        expect(finds(`${one} ${two.slice(0, 1 + (cutAt % two.length)).join('')}`, [given])).toBe(true);
      }),
    );
  });

  test('does not find what lacks one of the words', () => {
    expect(finds('coffee mug', ['Coffee mug'])).toBe(true);
    expect(finds('coffee cup', ['Coffee mug'])).toBe(false);
    expect(finds('cof mug', ['Coffee mug'])).toBe(false);
    expect(finds('mug cof', ['Coffee mug'])).toBe(true);
  });

  test('takes a word again at the end for a beginning', () => {
    expect(asked('mug tea mug')?.whole).toEqual(['mug', 'tea']);
    expect(asked('mug tea mug')?.prefix.from).toBe('mug');
  });

  test('for nothing readable asks for nothing', () => {
    expect(asked(' !? ')).toBeUndefined();
  });

  test('of many words is bounded', () => {
    fc.assert(fc.property(anyText, (given) => expect(asked(given)?.whole.length ?? 0).toBeLessThan(8)));
  });
});

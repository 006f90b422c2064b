import fc from 'fast-check';
import { formsOf, indexTokens, parseQuery, tokenize } from '../../../../lambda/inventory/catalog/tokenizer';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const anyText = fc.oneof(text, fc.string({ unit: 'binary', maxLength: 60 }));

/** The search of the SQL, in memory. */
function finds(question: string, texts: readonly string[]): boolean {
  const wanted = parseQuery(question);
  const stored = indexTokens(texts);
  if (!wanted) return false;
  const { whole, prefix } = wanted;
  return (
    whole.every((word) => formsOf(word).some((form) => stored.includes(form))) &&
    stored.some(
      (word) => (byBytes(prefix.from, word) <= 0 && byBytes(word, prefix.to) < 0) || word === prefix.base,
    )
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
    ['Łódź, Ærø, Đặng, Œuvre, þing', ['lodz', 'aero', 'dang', 'oeuvre', 'thing']],
    ['Мёд й שָׁלוֹם مُحَمَّد', ['мед', 'и', 'שלום', 'محمد']],
    ['हिन्दी किताब', ['हिन्दी', 'किताब']],
    ['咖啡杯', ['咖', '咖啡', '啡', '啡杯', '杯']],
    ['バス ﾊﾞｽ ハス', ['バ', 'バス', 'ス', 'ハ', 'ハス']],
    ['USB充電', ['usb', '充', '充電', '電']],
    ['ที่นี่', ['ที่', 'ที่นี่', 'นี่']],
    ['!!! …', []],
    ['', []],
  ])('of "%s" are %j', (given, expected) => {
    expect(tokenize(given)).toEqual(expected);
  });

  test('are found as they are: splitting again changes nothing', () => {
    fc.assert(
      fc.property(anyText, (given) => expect(tokenize(tokenize(given).join(' '))).toEqual(tokenize(given))),
    );
  });

  test('do not depend on case, accents or how the text is composed', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(tokenize(given.normalize('NFD'))).toEqual(tokenize(given));
        expect(tokenize(given.normalize('NFC'))).toEqual(tokenize(given));
        // The iota below a Greek vowel becomes a letter of its own in capitals: that is another spelling.
        if (!given.normalize('NFD').includes('\u0345'))
          expect(tokenize(given.toUpperCase())).toEqual(tokenize(given));
      }),
    );
  });

  test('fit their column, are whole characters, and hold neither spaces nor capitals', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (given) => {
        for (const word of tokenize(given)) {
          expect(word.length).toBeLessThanOrEqual(40);
          expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
        }
      }),
    );
  });

  test('of a long description are bounded, the first ones first', () => {
    const many = Array.from({ length: 1000 }, (_, n) => `word${n}`);
    expect(indexTokens(['name', many.join(' ')])).toEqual(['name', ...many.slice(0, 399)]);
  });
});

describe('a search', () => {
  test('finds a text by any of its words, in any order, the last one cut short anywhere', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), fc.nat(), (given, pickOne, pickTwo, cutAt) => {
        const found = tokenize(given);
        fc.pre(found.length > 0);
        const one = found[pickOne % found.length] ?? '';
        const two = [...(found[pickTwo % found.length] ?? '')];
        expect(finds(`${one} ${two.slice(0, 1 + (cutAt % two.length)).join('')}`, [given])).toBe(true);
      }),
    );
  });

  test('does not find a product that lacks one of the words', () => {
    expect(finds('coffee mug', ['Coffee mug'])).toBe(true);
    expect(finds('coffee cup', ['Coffee mug'])).toBe(false);
    expect(finds('cof mug', ['Coffee mug'])).toBe(false);
    expect(finds('mug cof', ['Coffee mug'])).toBe(true);
  });

  test.each([
    ['mugs', 'Coffee mug'],
    ['lamps', 'Desk lamp'],
    ['mugs coffee', 'Coffee mug'],
    ['mug coffee', 'Coffee mugs'],
    ['cookies', 'Cookie jar'],
    ['cookie jar', 'Jar of cookies'],
    ['lodz', 'Łódź'],
    ['Łódź', 'lodz'],
    ['smorrebrod', 'Smørrebrød'],
    ['aero', 'Ærø'],
    ['咖啡', '陶瓷咖啡杯'],
    ['杯', '陶瓷咖啡杯'],
    ['杯 咖啡', '陶瓷咖啡杯'],
    ['陶瓷咖啡杯', '陶瓷咖啡杯 350ml'],
    ['ハス', 'ハスの花'],
    ['ﾊﾞｽ', '赤いバスタオル'],
    ['กาแฟ', 'ถ้วยกาแฟ'],
    ['充電 usb', 'USB充電器'],
  ])('%s finds %s', (question, name) => {
    expect(finds(question, [name])).toBe(true);
  });

  test.each([
    ['ハス', 'バスタオル'],
    ['ハ', 'バスタオル'],
    ['咖杯', '陶瓷咖啡杯'],
    ['gas', 'Garden chair'],
    ['toes', 'To go'],
    ['กา', 'กีตาร์'],
  ])('%s does not find %s', (question, name) => {
    expect(finds(question, [name])).toBe(false);
  });

  test('takes a word again at the end for a beginning', () => {
    expect(parseQuery('mug tea mug')?.whole).toEqual(['mug', 'tea']);
    expect(parseQuery('mug tea mug')?.prefix.from).toBe('mug');
  });

  test('searches for nothing if no word is readable', () => {
    expect(parseQuery(' !? ')).toBeUndefined();
  });

  test('looks for less than eight words', () => {
    const question = 'one two three four five six seven eight nine ten';
    expect(parseQuery(question)).toMatchObject({
      whole: ['one', 'two', 'three', 'four', 'five', 'six', 'seven'],
      prefix: { from: 'ten' },
    });
    fc.assert(fc.property(anyText, (given) => expect(parseQuery(given)?.whole.length ?? 0).toBeLessThan(8)));
  });
});

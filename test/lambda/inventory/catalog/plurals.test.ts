import fc from 'fast-check';
import { pluralBase } from '../../../../lambda/inventory/catalog/plurals';

describe('an English word', () => {
  test.each([
    ['mug', 'mugs'],
    ['lamp', 'lamps'],
    ['vase', 'vases'],
    ['house', 'houses'],
    ['shoe', 'shoes'],
    ['tomato', 'tomatoes'],
    ['glass', 'glasses'],
    ['brush', 'brushes'],
    ['watch', 'watches'],
    ['box', 'boxes'],
    ['bus', 'buses'],
    ['lens', 'lenses'],
    ['cookie', 'cookies'],
    ['candy', 'candies'],
    ['toy', 'toys'],
    ['fly', 'flies'],
    ['pie', 'pies'],
    ['toe', 'toes'],
    ['knife', 'knives'],
    ['glove', 'gloves'],
    ['woman', 'women'],
    ['mouse', 'mice'],
  ])('%s shares a form with %s', (singular, plural) => {
    expect(pluralBase(plural)).toBe(pluralBase(singular));
  });

  test.each([
    ['gas', 'ga'],
    ['bus', 'bu'],
    ['glass', 'glas'],
    ['tennis', 'tenni'],
    ['toe', 'to'],
    ['tap', 'tape'],
    ['cup', 'cap'],
  ])('%s shares none with %s', (one, other) => {
    expect(pluralBase(one)).not.toBe(pluralBase(other));
  });

  test.each(['łódź', '咖啡', 'öls', '2s', 'mugs2', ''])('%j is left as it is', (word) => {
    expect(pluralBase(word)).toBe(word);
  });

  test('gives a form that gives itself', () => {
    const words = fc.string({ unit: fc.constantFrom(...'esiyouxzchtv'), maxLength: 9 });
    fc.assert(
      fc.property(words, (word) => expect(pluralBase(pluralBase(word))).toBe(pluralBase(word))),
      { numRuns: 1000 },
    );
  });
});

import { limit, type SqlValue, type Statements } from '../shared/sql';
import { asked } from './words';

/** A condition on `listings l`, and what it binds. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** From how many entries on a word counts as common. */
const COMMON = 1000;

/**
 * The conditions for products with these words (docs/decisions/0061); undefined when there is no word in it.
 * Rare words are looked up and their products sorted: few. For common words the newest products are looked at one by
 * one until the page is full: soon. So each is asked in the form that its count calls for; a form that
 * optimizers do not turn into the other.
 */
export async function withWords(sql: Statements, question: string): Promise<Condition[] | undefined> {
  const wanted = asked(question);
  if (!wanted) return undefined;
  const { whole, prefix } = wanted;
  const words: Condition[] = [
    ...whole.map((word) => ({ sql: 'w.word = ?', values: [word] })),
    { sql: 'w.word >= ? AND w.word < ?', values: [prefix.from, prefix.to] },
  ];
  const common = await areCommon(sql, words);
  // Rare ones first, so that equally many of each make one statement, in whatever order they were asked.
  return [
    ...words.filter((_, place) => !common[place]).map(amongThem),
    ...words.filter((_, place) => common[place]).map(oneByOne),
  ];
}

const amongThem = ({ sql, values }: Condition): Condition => ({
  sql: `l.product_id IN (SELECT w.product_id FROM product_words w WHERE ${sql})`,
  values,
});

const oneByOne = ({ sql, values }: Condition): Condition => ({
  sql: `(SELECT COUNT(*) FROM product_words w WHERE w.product_id = l.product_id AND ${sql}) > 0`,
  values,
});

/** Counts each word's entries, but not beyond the limit. */
async function areCommon({ query }: Statements, words: readonly Condition[]): Promise<boolean[]> {
  const counts = words.map(
    (word, place) => `SELECT ${place} AS place, COUNT(*) AS entries
      FROM (SELECT w.product_id FROM product_words w WHERE ${word.sql} ${limit(COMMON)}) t${place}`,
  );
  const rows = await query<{ place: number; entries: number }>(
    counts.join(' UNION ALL '),
    words.flatMap(({ values }) => values),
  );
  return words.map((_, place) => rows.some((row) => row.place === place && row.entries === COMMON));
}

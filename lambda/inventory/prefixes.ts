import { among } from '../shared/sql/bulk-sql';
import { forceIndex, limit, type Statements } from '../shared/sql/sql';
import type { ParsedQuery } from './catalog/tokenizer';
import {
  type Condition,
  hasWord,
  isAmong,
  NO_PRODUCTS,
  type PostingList,
  productsWithWord,
  theseProducts,
} from './posting-lists';

/** Each word of a prefix costs one list to read and one look-up for each candidate. */
export const MOST_WORDS = 16;
/** A prefix of more words is still listed if it has fewer entries than this. */
const FEW_ENTRIES = 256;

export type Prefix = ParsedQuery['prefix'];

/** The products with one of some words: the union of the lists, and the same as a condition. */
interface Listed {
  readonly lists: readonly PostingList[];
  readonly condition: Condition;
}

/** Undefined for a prefix of too many words. */
export async function listPrefix(sql: Statements, prefix: Prefix): Promise<Listed | undefined> {
  const words: string[] = [];
  while (words.length <= MOST_WORDS) {
    const next = await nextWord(sql, prefix, words.at(-1));
    if (next === undefined) return listWords([...words, ...baseOf(prefix)]);
    words.push(next);
  }
  const ids = await someProducts(sql, prefix);
  if (ids.length === FEW_ENTRIES) return undefined;
  const begun = isAmong([...new Set(ids)]);
  return either({ lists: [theseProducts(begun)], condition: begun }, listWords(baseOf(prefix)));
}

/** One entry of the index is read, however many a word has; DISTINCT and GROUP BY would read all on some engines. */
async function nextWord({ query }: Statements, { from, to }: Prefix, after: string | undefined) {
  const [next] = await query<{ word: string }>(
    `SELECT word FROM product_words ${forceIndex('PRIMARY')}
     WHERE word ${after === undefined ? '>=' : '>'} ? AND word < ? ORDER BY word ${limit(1)}`,
    [after ?? from, to],
  );
  return next?.word;
}

export function listWords(words: readonly string[]): Listed {
  if (words.length === 0) return { lists: [NO_PRODUCTS], condition: NO_PRODUCTS };
  const { values } = among(words);
  const each = values.map((word) => hasWord(word).sql);
  return { lists: values.map(productsWithWord), condition: { sql: `(${each.join(' OR ')})`, values } };
}

const either = (one: Listed, other: Listed): Listed => ({
  lists: [...one.lists, ...other.lists],
  condition: {
    sql: `(${one.condition.sql} OR ${other.condition.sql})`,
    values: [...one.condition.values, ...other.condition.values],
  },
});

const baseOf = ({ base }: Prefix): string[] => (base === undefined ? [] : [base]);

async function someProducts({ query }: Statements, { from, to }: Prefix): Promise<string[]> {
  const entries = await query<{ id: string }>(
    `SELECT product_id AS id FROM product_words ${forceIndex('PRIMARY')}
     WHERE word >= ? AND word < ? ORDER BY word, product_id ${limit(FEW_ENTRIES)}`,
    [from, to],
  );
  return entries.map(({ id }) => id);
}

/** Those of the products that have a word that begins so, however many such words there are. */
export async function withPrefix({ query }: Statements, ids: readonly string[], prefix: Prefix) {
  if (ids.length === 0) return new Set<string>();
  const { sql, values } = among(ids);
  const those = `SELECT DISTINCT product_id AS id FROM product_words ${forceIndex('product_words_by_product')}
     WHERE product_id ${sql}`;
  const { from, to, base } = prefix;
  // Not one condition with OR: SQLite would read all words of the products.
  const rows = await query<{ id: string }>(
    `${those} AND word >= ? AND word < ?${base === undefined ? '' : ` UNION ${those} AND word = ?`}`,
    [...values, from, to, ...(base === undefined ? [] : [...values, base])],
  );
  return new Set(rows.map(({ id }) => id));
}

import { cursor, limitFor, type PageOf } from '../../shared/sql/pagination';
import { limit, type Statements } from '../../shared/sql/sql';
import {
  AFTER_ALL,
  ALL_PRODUCTS,
  BEFORE_ALL,
  type Condition,
  isInCategory,
  type PostingList,
  productsInCategory,
  readMatches,
  readTops,
  type Span,
  type Top,
} from '../posting-lists';
import { listPrefix, listWords, MOST_WORDS, type Prefix, withPrefix } from '../prefixes';
import { SearchTooBroadError } from './errors';
import { formsOf, type ParsedQuery, parseQuery } from './tokenizer';

/** About so many rows are read for one page; the last round may go past it. */
const MOST_ROWS = 15_000;
/** Entries of a list that a round reads: to compare it with the others, and when it was the sparsest before. */
const NEAR = 128;
const FAR = 1000;
/** The cost of finding a prefix among the words of a product, in look-ups. */
const PREFIX_CHECK = 8;

/** Something that products must have: the union of the lists, and the same as a condition. */
interface Criterion {
  readonly lists: readonly PostingList[];
  readonly condition: Condition;
}

interface Wanted {
  readonly criteria: readonly Criterion[];
  /** A prefix of too many words to be a criterion: it is looked for in each candidate. */
  readonly unlisted?: Prefix | undefined;
}

export interface Found {
  /** Newest first. */
  readonly ids: readonly string[];
  readonly next?: string;
}

/**
 * Finds a page of products that have all the words (decision 0061). In rounds, it reads the sparsest list downwards and
 * looks its products up in the others, until the page is full, a list ends, or MOST_ROWS were read. In the last case
 * the page has the products found so far.
 * @throws SearchTooBroadError if there are none
 */
export async function search(
  sql: Statements,
  question: string,
  { category, after = AFTER_ALL, limit: size }: PageOf & { readonly category?: string },
): Promise<Found> {
  const words = parseQuery(question);
  if (!words) return { ids: [] };
  const wanted = await wantedOf(sql, words, category);
  const ids: string[] = [];
  let below = after;
  let last: Criterion | undefined;
  for (let read = 0, looked = 0; ; ) {
    const stretches = await stretchesOf(sql, wanted.criteria, below, last);
    const sparsest = sparsestOf(stretches);
    ids.push(...(await matches(sql, wanted, sparsest, size)));
    if (ids.length > size) return { ids: ids.slice(0, size), next: cursor(ids[size - 1] ?? '') };
    if (sparsest.from === BEFORE_ALL) return { ids };
    looked += sparsest.entries;
    read += sum(stretches.map(({ entries }) => entries)) + sparsest.entries * costOf(wanted);
    below = sparsest.from;
    last = sparsest.criterion;
    if (read < MOST_ROWS) continue;
    if (ids.length > 0) return { ids, next: cursor(below) };
    throw tooBroad(question, looked, wanted, category);
  }
}

async function wantedOf(sql: Statements, { whole, prefix }: ParsedQuery, category?: string): Promise<Wanted> {
  // A product that an earlier release indexed has a word in the form of the text alone (decision 0220).
  const criteria: Criterion[] = whole.map((word) => listWords(formsOf(word)));
  if (category !== undefined)
    criteria.push({ lists: [productsInCategory(category)], condition: isInCategory(category) });
  const listed = await listPrefix(sql, prefix);
  if (listed) return { criteria: [...criteria, listed] };
  const all = { lists: [ALL_PRODUCTS], condition: ALL_PRODUCTS };
  return { criteria: criteria.length > 0 ? criteria : [all], unlisted: prefix };
}

/** Rows read for one candidate: its entry, and the look-ups in other lists. */
const costOf = ({ criteria, unlisted }: Wanted): number =>
  sum(criteria.map(({ lists }) => lists.length)) + (unlisted ? PREFIX_CHECK : 0);

/** The part of a criterion's lists that a round would read. */
interface Stretch extends Span {
  readonly criterion: Criterion;
  readonly entries: number;
}

async function stretchesOf(
  sql: Statements,
  criteria: readonly Criterion[],
  below: string,
  last: Criterion | undefined,
): Promise<Stretch[]> {
  const rowsOf = (criterion: Criterion) =>
    criterion === last ? Math.max(NEAR, Math.floor(FAR / criterion.lists.length)) : NEAR;
  const tops = await readTops(
    sql,
    criteria.flatMap((criterion) => criterion.lists.map((list) => ({ list, rows: rowsOf(criterion) }))),
    below,
  );
  return criteria.map((criterion) => stretchOf(criterion, tops.splice(0, criterion.lists.length), below));
}

/** Ends where the first of the lists was not read any further: above that, all of all of them are known. */
function stretchOf(criterion: Criterion, tops: readonly Top[], below: string): Stretch {
  const ends = tops.flatMap(({ lowest }) => lowest ?? []).sort();
  return {
    criterion,
    from: ends.at(-1) ?? BEFORE_ALL,
    below,
    entries: sum(tops.map(({ entries }) => entries)),
  };
}

/** The one that reaches furthest down; of those that reach the end, the shortest. */
function sparsestOf(stretches: readonly Stretch[]): Stretch {
  return stretches.reduce((a, b) => {
    if (a.from === b.from) return a.entries <= b.entries ? a : b;
    return a.from < b.from ? a : b;
  });
}

async function matches(sql: Statements, { criteria, unlisted }: Wanted, stretch: Stretch, size: number) {
  const { criterion, entries } = stretch;
  if (entries === 0) return [];
  const others = criteria.filter((other) => other !== criterion).map(({ condition }) => condition);
  if (!unlisted) return readMatches(sql, criterion.lists, stretch, others, limitFor(size));
  const candidates = await readMatches(sql, criterion.lists, stretch, others, limit(FAR));
  const begun = await withPrefix(sql, candidates, unlisted);
  return candidates.filter((id) => begun.has(id));
}

function tooBroad(question: string, looked: number, { unlisted }: Wanted, category: string | undefined) {
  const rarer = unlisted
    ? `write more of the last word, since more than ${MOST_WORDS} begin with "${unlisted.from}"`
    : 'add a rarer word';
  const narrower = category === undefined ? `${rarer}, or ask within a category` : rarer;
  return new SearchTooBroadError(
    `The newest ${looked} products that may match "${question}" do not, and one request reads no more: ${narrower}`,
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

import {
  type Condition,
  checkLimit,
  type Item,
  type KeySchema,
  secondsOf,
  type Table,
  type TableDefinition,
  type Value,
} from './table';

/** A table in the memory of this process. `now`: epoch milliseconds. */
export function createMemoryTable(definition: TableDefinition, now: () => number = Date.now): Table {
  const { partition, sort, expires } = definition;
  const items = new Map<string, Item>();
  const keyOf = (item: Item) => JSON.stringify([item[partition.name], sort && item[sort.name]]);
  const isLive = (item: Item) => !(expires && Number(item[expires]) <= secondsOf(now()));
  const live = (key: Item): Item | undefined => {
    const item = items.get(keyOf(key));
    return item && isLive(item) ? item : undefined;
  };
  const meets = (key: Item, condition: Condition = {}) => {
    const item = live(key);
    return item && holds(item, condition) ? item : undefined;
  };

  return {
    get: async (key) => live(key),
    put: async (item, condition) => {
      if (condition === 'free' ? live(item) : condition && !meets(item, condition)) return false;
      items.set(keyOf(item), item);
      return true;
    },
    update: async (key, { set = {}, add = {} }, condition) => {
      const item = meets(key, condition);
      if (!item) return false;
      const changed: Record<string, Value | null> = { ...item, ...set };
      for (const [name, number] of Object.entries(add)) changed[name] = Number(item[name] ?? 0) + number;
      items.set(keyOf(item), withoutNulls(changed));
      return true;
    },
    delete: async (key, condition) => meets(key, condition) !== undefined && items.delete(keyOf(key)),
    query: async ({ partition: value, index, atMost, after, order = 'ascending', limit, consistent }) => {
      const schema: KeySchema | undefined = index ? definition.indexes?.[index] : definition;
      if (!schema) throw new Error(`The table has no index "${index}"`);
      if (index && consistent) throw new Error('An index cannot be read consistently');
      const by = schema.sort?.name ?? '';
      const found = [...items.values()]
        .filter((item) => isLive(item) && item[schema.partition.name] === value)
        .filter((item) => !index || item[by] !== undefined)
        .filter((item) => atMost === undefined || compare(item[by], atMost) <= 0)
        .filter((item) => after === undefined || compare(item[by], after) > 0)
        .sort((a, b) => compare(a[by], b[by]));
      return (order === 'ascending' ? found : found.reverse()).slice(0, checkLimit(limit));
    },
    scan: async function* () {
      yield* [...items.values()].filter(isLive);
    },
    close: () => undefined,
  };
}

const holds = (item: Item, condition: Condition): boolean =>
  Object.entries(condition).every(([name, wanted]) => {
    const value = item[name];
    if (wanted === null) return value === undefined;
    return typeof wanted === 'object' ? typeof value === 'number' && value < wanted.below : value === wanted;
  });

function withoutNulls(item: Readonly<Record<string, Value | null>>): Item {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null)) as Item;
}

/** Text in the order of its bytes, as DynamoDB has it. */
function compare(a: Value = '', b: Value = ''): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

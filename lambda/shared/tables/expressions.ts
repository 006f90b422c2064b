import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Change, Condition, Item, Value } from './table';

/** Builds the expressions of one request. Names and values are always placeholders: no word is reserved then. */
export function createExpressions() {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const named = (attribute: string): string => {
    const known = Object.entries(names).find(([, name]) => name === attribute)?.[0];
    const placeholder = known ?? `#n${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const boundTo = (value: Value): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = marshalled(value);
    return placeholder;
  };

  return {
    name: named,
    value: boundTo,
    condition: (condition: Condition): string[] =>
      Object.entries(condition).map(([attribute, wanted]) => {
        const name = named(attribute);
        if (wanted === null) return `attribute_not_exists(${name})`;
        return typeof wanted === 'object'
          ? `${name} < ${boundTo(wanted.below)}`
          : `${name} = ${boundTo(wanted)}`;
      }),
    change: ({ set = {}, add = {} }: Change): string => {
      const values = Object.entries(set);
      const sets = values.flatMap(([name, value]) =>
        value === null ? [] : [`${named(name)} = ${boundTo(value)}`],
      );
      const removals = values.flatMap(([name, value]) => (value === null ? [named(name)] : []));
      const additions = Object.entries(add).map(([name, number]) => `${named(name)} ${boundTo(number)}`);
      return [clause('SET', sets), clause('REMOVE', removals), clause('ADD', additions)].join('').trim();
    },
    /** The members of a request; it must not have empty ones. */
    placeholders: () => ({
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    }),
  };
}

const clause = (word: string, parts: readonly string[]) =>
  parts.length > 0 ? `${word} ${parts.join(', ')} ` : '';

const marshalled = (value: Value): AttributeValue =>
  typeof value === 'number' ? { N: String(value) } : { S: value };

export const marshall = (item: Item): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, marshalled(value)]));

export const unmarshall = (item: Readonly<Record<string, AttributeValue>>): Item =>
  Object.fromEntries(
    Object.entries(item).map(([name, { N, S }]) => [name, N === undefined ? (S ?? '') : Number(N)]),
  );

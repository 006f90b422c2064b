import type { Templates } from '../cloudformation';
import { reasonFree } from './free';
import { type CostLine, isChecked, type Resolver, usdOf } from './line';
import { charge, type PriceName, priceOf } from './prices';
import { compute } from './resolvers/compute';
import { data } from './resolvers/data';
import { edge } from './resolvers/edge';
import { operations } from './resolvers/operations';
import type { Usage } from './usage';

/** A resource whose cost nobody has looked up. It never counts as nothing. */
export class UnpricedResourceError extends Error {
  override name = 'UnpricedResourceError';
}

export const RESOLVERS: Readonly<Record<string, Resolver>> = { ...compute, ...data, ...edge, ...operations };

/** Every line of a phase's bill, in the order of its templates. @throws UnpricedResourceError */
export function costLines(templates: Templates, usage: Usage): CostLine[] {
  const lines = Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      const resolver = resolverOf(resource.Type, `${stack}/${id}`);
      return resolver({ stack, id, resource, templates, usage }).map((line) => ({
        ...line,
        cause: `${stack}/${id}`,
      }));
    }),
  );
  const seen = new Set<string>();
  return lines.filter(({ once, units }) => {
    if (units === 0 || (once !== undefined && seen.has(once))) return false;
    if (once !== undefined) seen.add(once);
    return true;
  });
}

function resolverOf(type: string, cause: string): Resolver {
  const resolver = RESOLVERS[type];
  if (resolver) return resolver;
  if (reasonFree(type) !== undefined) return () => [];
  throw new UnpricedResourceError(
    `${cause} is a ${type}, whose cost is unknown; add a resolver to review/cost/resolvers, or a reason to review/cost/free.ts`,
  );
}

/** Lines with the same price and description as one. */
export interface BillRow {
  readonly price: PriceName;
  readonly about: string;
  readonly kind: CostLine['kind'];
  readonly units: number;
  readonly usd: number;
  readonly checked: boolean;
}

export function billRows(lines: readonly CostLine[]): BillRow[] {
  const groups = groupedBy(lines, ({ price, about, kind }) => `${kind} ${price} ${about}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { price, about, kind } = first;
    const units = sum(group.map((line) => line.units));
    return [{ price, about, kind, units, usd: usdOf({ price, units }), checked: isChecked(price) }];
  });
}

export interface Totals {
  readonly fixed: number;
  readonly usage: number;
  /** Off, if the account uses its free tiers for nothing else. */
  readonly freeTiers: number;
}

export function totalsOf(rows: readonly BillRow[]): Totals {
  const of = (kind: CostLine['kind']) => sum(rows.filter((row) => row.kind === kind).map(({ usd }) => usd));
  const prices = [...groupedBy(rows, ({ price }) => price)];
  const freeTiers = prices.map(([price, group]) => {
    const units = sum(group.map((row) => row.units));
    const { free = 0 } = priceOf(price);
    return charge(priceOf(price), Math.min(units, free));
  });
  return { fixed: of('fixed'), usage: of('usage'), freeTiers: sum(freeTiers) };
}

/** At list price. */
export const totalOf = ({ fixed, usage }: Totals): number => fixed + usage;

/** USD a month by AWS service, the most expensive first. */
export function byService(rows: readonly BillRow[]): { service: string; fixed: number; usage: number }[] {
  const services = [...groupedBy(rows, ({ price }) => priceOf(price).service)];
  return services
    .map(([service, group]) => ({ service, ...totalsOf(group) }))
    .map(({ service, fixed, usage }) => ({ service, fixed, usage }))
    .sort((one, other) => other.fixed + other.usage - one.fixed - one.usage);
}

function groupedBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

import { constructPath, type Resource, type Templates } from '../cloudformation';
import { charge, PRICES, type Price, type PriceName, priceOf, type UnitOf } from './prices';
import type { Quantity } from './units';
import type { Usage } from './usage';

/** One row of a bill. */
export interface CostLine {
  readonly price: PriceName;
  /** For people: "hosts of the read group". */
  readonly about: string;
  readonly units: number;
  /** `fixed`: billed whether anybody comes or not. */
  readonly kind: 'fixed' | 'usage';
  /** Stack and logical id of the resource that causes it. */
  readonly cause: string;
  /** Two lines with the same value are one cost: two alarms may read one metric. */
  readonly once?: string;
}

/** A resource with all that its cost depends on. */
export interface Priced {
  readonly stack: string;
  readonly id: string;
  readonly resource: Resource;
  readonly templates: Templates;
  readonly usage: Usage;
}

export type Resolver = (priced: Priced) => readonly CostLineDraft[];
export type CostLineDraft = Omit<CostLine, 'cause'>;

export const fixed = <Name extends PriceName>(
  price: Name,
  units: Quantity<UnitOf<Name>>,
  about: string,
): CostLineDraft => ({ price, units, about, kind: 'fixed' });

export const used = <Name extends PriceName>(
  price: Name,
  units: Quantity<UnitOf<Name>>,
  about: string,
): CostLineDraft => ({ price, units, about, kind: 'usage' });

/** The construct path below the stack: a logical id ends in a hash. */
export const nameOf = ({ id, resource }: Pick<Priced, 'id' | 'resource'>): string =>
  constructPath(resource).split('/').slice(1).join('/') || id;

/** USD a month at list price, without free tiers. Tiers apply to each line by itself. */
export const usdOf = ({ price, units }: Pick<CostLine, 'price' | 'units'>): number =>
  charge(priceOf(price), units);

export const isChecked = (name: PriceName): boolean => (PRICES[name] as Price).checked;

declare const unit: unique symbol;

/** A number that carries its unit in its type, so that hours are never taken for gigabytes. */
export type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

/** Gives a plain number its unit: `quantity('hour', 730)`. */
export const quantity = <Unit extends string>(_unit: Unit, value: number): Quantity<Unit> =>
  value as Quantity<Unit>;

/** AWS bills a month as this many hours in its own examples. */
export const HOURS_A_MONTH = quantity('hour', 730);

import type { Rebuilt } from '../lambda/inventory/catalog/rebuild';

export interface RebuildOptions {
  readonly repairs: boolean;
  /** One call: some of the products after the given one. */
  readonly call: (event: { readonly repairs: boolean; readonly after: string }) => Promise<Rebuilt>;
  readonly out: { write(text: string): unknown };
}

const SHOWN = 10;

/** Goes over all products, and tells how far it is. True if every row is what its product says, or is again. */
export async function runRebuild({ repairs, call, out }: RebuildOptions): Promise<boolean> {
  const say = (line: string) => out.write(`${line}\n`);
  let products = 0;
  const differing: string[] = [];
  for (let after = ''; ; ) {
    const step = await call({ repairs, after });
    products += step.products;
    differing.push(...step.differing);
    after = step.after;
    if (step.done) break;
    say(`${count(products)} products`);
  }
  if (differing.length === 0) {
    say(`The rows of lists and searches are what ${count(products)} products say.`);
    return true;
  }
  for (const id of differing.slice(0, SHOWN)) say(id);
  if (differing.length > SHOWN) say(`and ${count(differing.length - SHOWN)} more`);
  say(
    `${count(differing.length)} of ${count(products)} products differed${repairs ? ', and were written again' : ''}.`,
  );
  return repairs;
}

const count = (n: number): string => n.toLocaleString('en-US');

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOLD_LIMITS } from '../../../lambda/inventory/reservations/holding';

it('has the same limits as the shop', () => {
  const text = readFileSync(join(__dirname, '../../../storefront/app/cart.js'), 'utf8');
  const constant = (name: string) => Number(new RegExp(`const ${name} = (\\d+);`).exec(text)?.[1]);
  expect({ ofProduct: constant('MAX_QUANTITY'), altogether: constant('MAX_PIECES') }).toEqual(HOLD_LIMITS);
});

import { loadOf } from '../../../lab/capacity/load';
import { besideServerless } from '../../../lab/capacity/serverless';
import { type BillRow, billRows } from '../../../review/cost/bill';
import { fixed, used } from '../../../review/cost/line';
import { HOURS_A_MONTH, quantity } from '../../../review/cost/units';

const bill = (): BillRow[] =>
  billRows(
    [
      fixed('t4g.small', HOURS_A_MONTH, 'a host'),
      fixed('public address', HOURS_A_MONTH, 'an address'),
      fixed('key', quantity('month', 1), 'a key'),
      used('traffic to the internet', quantity('GB', 10), 'answers'),
    ].map((line) => ({ ...line, cause: 'Shop-Test/Box' })),
  );

test('hosts and addresses are replaced; keys and traffic are paid in both cases', () => {
  const { inBoth, onHosts } = besideServerless(bill(), loadOf({ users: 1 }));
  expect(onHosts).toBeCloseTo(730 * (0.0168 + 0.005), 6);
  expect(inBoth).toBeCloseTo(1 + 10 * 0.09, 6);
});

test('functions and items are paid by the request, and cost nothing while nobody comes', () => {
  expect(besideServerless(bill(), loadOf({ users: 0 }))).toMatchObject({ functions: 0, items: 0 });
  const one = besideServerless([], loadOf({ users: 1_000 }));
  const many = besideServerless([], loadOf({ users: 10_000 }));
  expect(many.functions / one.functions).toBeCloseTo(10, 6);
  expect(many.items / one.items).toBeCloseTo(10, 6);
});

test('a million reads are a million calls, 5,000 GB-seconds and a million units', () => {
  const { functions, items } = besideServerless([], { ...loadOf({ reads: 1e6, writes: 0 }), months: 0 });
  expect(functions).toBeCloseTo(0.2 + 5_000 * 0.0000133334, 6);
  expect(items).toBeCloseTo(0.125, 6);
});

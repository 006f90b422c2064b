import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-format-'));
  // Node recognizes a module of the page only by its name.
  copyFileSync(join(__dirname, '../../../storefront/app/format.js'), join(folder, 'format.mjs'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The values of expressions over the module; undefined is null. */
const values = (...expressions: string[]): unknown[] =>
  JSON.parse(
    execFileSync(process.execPath, [
      '--input-type=module',
      '-e',
      `import * as format from ${JSON.stringify(join(folder, 'format.mjs'))};
       const { amountText, currencyName, minorUnits, money } = format;
       console.log(JSON.stringify([${expressions.join()}].map((value) => value ?? null)));`,
    ]).toString(),
  );

test.each([
  ['USD', 1299, '12.99', '$12.99'],
  ['JPY', 1500, '1500', '¥1,500'],
  ['KWD', 1299, '1.299', 'KWD\u00A01.299'],
  ['USD', 5, '0.05', '$0.05'],
])('an amount of %s is shown, edited and saved as the same one', (currency, amount, text, shown) => {
  const given = JSON.stringify({ amount, currency });
  expect(values(`amountText(${given})`, `minorUnits('${text}', '${currency}')`, `money(${given})`)).toEqual([
    text,
    amount,
    shown,
  ]);
});

test('an amount may have a sign, blanks and a comma, and no more digits than its currency', () => {
  const read = (text: string, currency: string) => `minorUnits('${text}', '${currency}')`;
  expect(
    values(read(' $ 12,5 ', 'USD'), read('¥1500', 'JPY'), read('7', 'USD'), read('0.05', 'USD')),
  ).toEqual([1250, 1500, 700, 5]);
  expect(
    values(read('1.5', 'JPY'), read('1.999', 'USD'), read('-1', 'USD'), read('12.', 'USD'), read('', 'USD')),
  ).toEqual([null, null, null, null, null]);
});

test('a form names the currency', () => {
  expect(values(`currencyName('USD')`, `currencyName('JPY')`)).toEqual(['US dollars', 'Japanese yen']);
});

import { createFreshReads } from '../../../../lambda/shared/http/fresh-reads';

let clock = Date.now();
const now = () => clock;
const keys = (...all: string[]) => ({ current: () => all[0], all: () => all });
const signer = (...all: string[]) => createFreshReads(keys(...all), now);

test('are for cookies that a process with the same key has signed, for a minute', () => {
  const value = signer('key').valueFor('192.0.2.1');
  const elsewhere = signer('newer key', 'key');
  expect(elsewhere.pay(value)).toBe(true);
  clock += 59_000;
  expect(elsewhere.pay(value)).toBe(true);
  clock += 1000;
  expect(elsewhere.pay(value)).toBe(false);
});

test('are not for any other cookie', () => {
  const { valueFor, pay } = signer('key');
  const value = valueFor('192.0.2.1') ?? '';
  const [end = '', client = '', mac = ''] = value.split('.');
  const others = [
    undefined,
    '',
    '1',
    '..',
    `${end}.${client}`,
    `${end}.${client}.${mac}.`,
    `${Number(end) + 1}.${client}.${mac}`,
    `${end}.${client.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}.${mac}`,
    `${end}.${client}.${mac.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
    `${end}.${client}.${'A'.repeat(43)}`,
    value.toUpperCase(),
    ` ${value}`,
    signer('another key').valueFor('192.0.2.1'),
  ];
  expect(others.map((other) => [other, pay(other)])).toEqual(others.map((other) => [other, false]));
  expect(pay(value)).toBe(true);
});

test('are verified without a charge', () => {
  const { valueFor, verify, pay } = signer('key');
  const value = valueFor('192.0.2.7') ?? '';
  for (let n = 0; n < 200; n++) expect(verify(value)).toBe(true);
  expect(pay(value)).toBe(true);
  for (const other of [undefined, '', `${value}_`, signer('another key').valueFor('192.0.2.7')]) {
    expect(verify(other)).toBe(false);
  }
});

test('cannot be signed or had without a key', () => {
  const value = signer('key').valueFor('192.0.2.1');
  const without = signer();
  expect([without.valueFor('192.0.2.1'), without.pay(value)]).toEqual([undefined, false]);
});

test('reveal nothing about the client in the cookie, which is the same for the same client', () => {
  const { valueFor } = signer('key');
  const clientIn = (client: string) => valueFor(client)?.split('.')[1];
  expect(clientIn('192.0.2.1')).toBe(clientIn('192.0.2.1'));
  expect(clientIn('192.0.2.1')).not.toBe(clientIn('192.0.2.2'));
  expect(clientIn('192.0.2.1')).not.toBe(signer('another key').valueFor('192.0.2.1')?.split('.')[1]);
});

test('have a budget for each client, which new cookies do not refill, and which grows by one a second', () => {
  const { valueFor, pay } = signer('key');
  const paid = (client: string, times: number) =>
    Array.from({ length: times }, () => {
      clock += 1;
      return pay(valueFor(client));
    }).filter(Boolean).length;
  expect(paid('192.0.2.1', 40)).toBe(30);
  expect(paid('192.0.2.2', 10)).toBe(10);
  clock += 5000;
  expect(paid('192.0.2.1', 40)).toBe(5);
});

test('have a budget in total, that comes back by fifty a second', () => {
  const { valueFor, pay } = signer('key');
  const paid = (times: number) =>
    Array.from({ length: times }, (_, at) => pay(valueFor(`client ${clock} ${at}`))).filter(Boolean).length;
  expect(paid(500)).toBe(100);
  clock += 1000;
  expect(paid(500)).toBe(50);
});

test('charge nothing for a refusal', () => {
  const { valueFor, pay } = signer('key');
  const value = valueFor('192.0.2.1') ?? '';
  for (let times = 0; times < 1000; times++) pay(value.slice(0, -1) + (value.endsWith('A') ? 'B' : 'A'));
  expect(pay(value)).toBe(true);
});

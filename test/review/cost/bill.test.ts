import type { Templates } from '../../../review/cloudformation';
import { billRows, costLines, RESOLVERS, totalsOf, UnpricedResourceError } from '../../../review/cost/bill';
import { FREE, reasonFree } from '../../../review/cost/free';
import { charge, PRICES, type Price } from '../../../review/cost/prices';
import { billText, UNCHECKED } from '../../../review/cost/text';
import { quantity } from '../../../review/cost/units';
import { NOBODY, type Usage } from '../../../review/cost/usage';
import { everyPhase, synthesized } from '../../phases/synthesized';

const prices: readonly [string, Price][] = Object.entries(PRICES);

test('each price has a source, a date and a verdict', () => {
  for (const [, { usd, source, date, checked, per }] of prices) {
    expect(usd).toBeGreaterThan(0);
    for (const text of [source, per]) expect(text).not.toBe('');
    expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    // Only a page of AWS itself makes a price a checked one.
    expect(checked && !source.startsWith('aws.amazon.com/')).toBe(false);
  }
});

test('a resource of an unknown type stops the bill: it never counts as nothing', () => {
  const templates: Templates = { 'Shop-Data': { Resources: { Ring: { Type: 'AWS::QLDB::Ledger' } } } };
  expect(() => costLines(templates, NOBODY)).toThrow(UnpricedResourceError);
  expect(() => costLines(templates, NOBODY)).toThrow(/Shop-Data\/Ring is a AWS::QLDB::Ledger/);
});

test.each(everyPhase)(
  'each type in phase $number ($options) is either priced or free with a reason',
  ({ number, options }) => {
    const resources = Object.values(synthesized(number, options).templates).flatMap(({ Resources = {} }) =>
      Object.values(Resources),
    );
    const types = [...new Set(resources.map(({ Type }) => Type))];
    expect(types.filter((type) => !(type in RESOLVERS) && reasonFree(type) === undefined)).toEqual([]);
  },
);

test('no type is both priced and free', () => {
  expect(Object.keys(FREE).filter((type) => type in RESOLVERS)).toEqual([]);
  expect(Object.values(FREE).filter((reason) => reason.length < 10)).toEqual([]);
});

test('each phase with more use costs more, and its fixed part stays', () => {
  const busy: Usage = { ...NOBODY, requests: quantity('million', 100), logs: quantity('GB', 10) };
  for (const { number } of everyPhase.filter(({ options }) => options === 'default')) {
    const { templates } = synthesized(number);
    const [quiet, loaded] = [NOBODY, busy].map((usage) => totalsOf(billRows(costLines(templates, usage))));
    expect(quiet?.usage).toBe(0);
    expect(loaded?.usage).toBeGreaterThan(0);
    expect(loaded?.fixed).toBe(quiet?.fixed);
  }
});

test('jobs are paid on the queue that the worker reads, and calls that were given up on none', () => {
  const busy: Usage = { ...NOBODY, thumbnails: quantity('million', 1) };
  const paidOn = (number: number) =>
    costLines(synthesized(number).templates, busy)
      .filter(({ price }) => price === 'messages')
      .map(({ cause }) => cause.replace(/[0-9A-F]{8}$/, ''));
  expect(paidOn(5)).toEqual([]);
  expect(paidOn(6)).toEqual(['Shop-Data/PhotosQueue']);
});

const alarm = (Namespace: string) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { Namespace, MetricName: 'Memory' },
});

test('a metric that two alarms read is paid once, and a metric of AWS is not paid', () => {
  const Resources = { One: alarm('Shop'), Two: alarm('Shop'), Cpu: alarm('AWS/EC2') };
  const rows = billRows(costLines({ Shop: { Resources } }, NOBODY));
  expect(rows.map(({ price, units }) => [price, units])).toEqual([
    ['alarm metric', 3],
    ['metric', 1],
  ]);
});

test('a schedule costs its hosts for the hours in which it keeps them', () => {
  const { templates } = synthesized(5);
  const rows = billRows(costLines(templates, NOBODY));
  const extra = rows.find(({ about }) => about === 'c7g.medium, read hosts in business hours');
  // Twelve more hosts, thirteen hours a day, five days a week.
  expect(extra?.units).toBeCloseTo(12 * 730 * ((13 * 5) / (7 * 24)), 5);
});

test('beyond a tier only the units beyond it are cheaper', () => {
  const traffic: Price = PRICES['CDN traffic'];
  expect(charge(traffic, 10_000)).toBeCloseTo(850, 6);
  expect(charge(traffic, 10_001)).toBeCloseTo(850.08, 6);
  expect(charge(traffic, 100_000)).toBeCloseTo(850 + 3_200 + 3_000, 6);
});

test('a bill fits on 80 columns, marks unchecked prices, and keeps free tiers apart', () => {
  const text = billText('Phase 5', billRows(costLines(synthesized(5).templates, NOBODY)));
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toMatch(new RegExp(`c7g.large, write hosts.*158.77 \\${UNCHECKED}`));
  expect(text).toMatch(/Free tiers, if nothing else in the account uses them +-\d/);
});

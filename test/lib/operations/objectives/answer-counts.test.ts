import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AnswerCounts } from '../../../../lib/operations/objectives/answer-counts';
import { uncheckedApp } from '../../../support/unchecked-app';

const stack = new Stack(uncheckedApp(), 'Stack');
new AnswerCounts(stack, 'Answers', { log: new LogGroup(stack, 'Log'), namespace: 'Shop' });

interface Filter {
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly [
    { MetricName: string; DefaultValue: number; MetricValue: string },
  ];
}
const filters: Filter[] = Object.values(
  Template.fromStack(stack).findResources('AWS::Logs::MetricFilter'),
).map(({ Properties }) => Properties);

/** The metrics that count a line. */
const counting = (line: object) =>
  filters
    .filter(({ FilterPattern }) => matches(FilterPattern, line as Record<string, unknown>))
    .map(({ MetricTransformations: [{ MetricName }] }) => MetricName)
    .sort();

const logIn = { method: 'POST', path: '/api/sessions', status: 200, seconds: 0.02 };

test.each([
  ['a log-in', {}, ['LogIns']],
  ['a wrong password', { status: 401 }, ['LogIns']],
  ['a log-in that failed', { status: 502 }, ['LogIns', 'LogInsFailed']],
  ['a log-in that was refused for lack of room', { status: 503 }, ['LogIns', 'LogInsFailed']],
  ['a log-in that took long', { seconds: 1.2 }, ['LogIns', 'LogInsFailed']],
  ['a log-out', { method: 'DELETE' }, []],
  ['the line of the app about the same request', { seconds: undefined, ms: 20 }, []],
  ['a reservation', { path: '/api/reservations' }, ['Reservations']],
  ['a confirmation', { path: '/api/reservations/018f/confirm' }, ['Reservations']],
  ['a product that is sold out', { path: '/api/reservations', status: 409 }, ['Reservations']],
  [
    'a reservation that failed',
    { path: '/api/reservations', status: 500 },
    ['Reservations', 'ReservationsFailed'],
  ],
  ['a look at reservations', { path: '/api/reservations', method: 'GET' }, []],
])('%s counts', (_, change, metrics) => {
  expect(counting({ ...logIn, ...change })).toEqual(metrics);
});

test('an hour without any counts as none, so that ratios have data', () => {
  expect(filters).toHaveLength(4);
  for (const {
    MetricTransformations: [{ DefaultValue, MetricValue }],
  } of filters)
    expect([DefaultValue, MetricValue]).toEqual([0, '1']);
});

/** CloudWatch's patterns for JSON, as far as these filters use them. */
function matches(pattern: string, line: Record<string, unknown>): boolean {
  const code = pattern
    .replaceAll(/\$\.(\w+) = "([^"]*)"/g, (_, field, text) => `is(line.${field}, ${JSON.stringify(text)})`)
    .replaceAll(/\$\.(\w+) (>=|>) ([\d.]+)/g, 'line.$1 $2 $3')
    .replace(/^\{(.*)\}$/, 'return $1');
  const is = (value: unknown, text: string) =>
    text.endsWith('*') ? String(value).startsWith(text.slice(0, -1)) : value === text;
  return new Function('is', 'line', code)(is, line);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phaseNumbered } from '../../lib/phases';
import { constructPath, type Resource } from '../../review/cloudformation';
import { PRICES } from '../../review/cost/prices';
import { synthesized } from './synthesized';

/** Row F7, of phase 6 as a deployer gets it. */
const phase = synthesized(6);
const plan = phaseNumbered(6)?.warehouse;
if (!plan || plan === 'none') throw new Error('Phase 6 has a warehouse');

function only(type: string, path: RegExp = /./) {
  const [found, ...rest] = Object.values(phase.templates).flatMap(({ Resources = {} }) =>
    Object.entries(Resources)
      .filter(([, resource]) => resource.Type === type && path.test(constructPath(resource)))
      .map(([id, { Properties = {} }]: [string, Resource]) => ({ id, properties: Properties })),
  );
  if (!found || rest.length > 0) throw new Error(`Not one ${type} ${path}`);
  return found;
}

const workgroup = only('AWS::RedshiftServerless::Workgroup');
const undelivered = only('AWS::SQS::Queue', /Warehouse\/Undelivered/);

describe('the use of the warehouse', () => {
  const usdAnHour = (units: number) => units * PRICES['warehouse time'].usd;
  const decision = readFileSync(
    join(__dirname, '../../docs/decisions/0186-the-most-that-a-statement-costs.md'),
    'utf8',
  );

  test('F7, OPS-1: a statement ends by itself after an hour, and costs at most what the decision says', () => {
    expect(workgroup.properties).toMatchObject({
      BaseCapacity: plan.capacity.base,
      MaxCapacity: plan.capacity.max,
      ConfigParameters: expect.arrayContaining([
        { ParameterKey: 'max_query_execution_time', ParameterValue: '3600' },
      ]),
    });
    expect([plan.capacity.max, plan.capacity.base].map(usdAnHour)).toEqual([12, 1.5]);
    expect(decision).toContain('12 USD on all 32 units; 1.50 USD on the 4');
  });

  test('F7, OPS-1: people hear of it before more than 4.50 USD were spent in six hours', () => {
    const { properties } = only('AWS::CloudWatch::Alarm', /WarehouseBusy/);
    expect(properties).toMatchObject({
      Namespace: 'AWS/Redshift-Serverless',
      MetricName: 'ComputeSeconds',
      Statistic: 'Sum',
      Period: 6 * 3600,
      EvaluationPeriods: 1,
    });
    const unitHours = Number(properties.Threshold) / 3600;
    expect(usdAnHour(unitHours)).toBe(4.5);
    expect(decision).toContain(`more than ${unitHours} unit-hours in six hours`);
    // A night is far below it: half an hour of the least capacity (docs/warehouse.md).
    expect(unitHours).toBeGreaterThan(plan.capacity.base);
  });
});

describe('the schedule', () => {
  test('F7: the database keeps three full months, as the documents say', () => {
    const archive = only('AWS::Lambda::Function', /Warehouse\/Archive$/);
    expect(archive.properties).toMatchObject({ Environment: { Variables: { KEPT_MONTHS: '3' } } });
    const words = readFileSync(join(__dirname, '../../docs/phases.md'), 'utf8');
    expect(words).toContain('of more than three months move to Redshift');
  });

  test.each([
    { name: 'Export', cron: `cron(0/20 ${plan.hours} * * ? *)`, call: 'advance' },
    { name: 'Load', cron: `cron(10/20 ${plan.hours} * * ? *)`, call: 'load' },
  ])('F7: $name is called at night in the zone of the shop, and what is given up is kept', (one) => {
    const { properties } = only('AWS::Scheduler::Schedule', new RegExp(`Warehouse/${one.name}Schedule`));
    expect(properties).toMatchObject({
      ScheduleExpression: one.cron,
      ScheduleExpressionTimezone: plan.timeZone,
      Target: {
        Input: JSON.stringify({ call: one.call }),
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [undelivered.id, 'Arn'] } },
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 900 },
      },
    });
  });
});

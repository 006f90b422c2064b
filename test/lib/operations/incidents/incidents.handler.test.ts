import { gzipSync } from 'node:zlib';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { handler } from '../../../../lib/operations/incidents/incidents.handler';
import { lambdaEnvironment } from '../../aws';
import { SecretsManager } from '../../secrets-manager';
import { KEY, PagerDutyServer } from './pagerduty-server';
import { SentryServer } from './sentry-server';

let pagerDuty: PagerDutyServer;
let sentry: SentryServer;
let secrets: SecretsManager;
/** Secrets are kept for minutes: each test has its own. */
let number = 0;

beforeAll(async () => {
  secrets = await SecretsManager.start();
});
beforeEach(async () => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
  [pagerDuty, sentry] = await Promise.all([PagerDutyServer.start(), SentryServer.start()]);
  number += 1;
  setSecrets({ key: KEY, endpoint: pagerDuty.url }, { dsn: sentry.dsn });
});
afterEach(() => jest.restoreAllMocks());

function setSecrets(pagerDutyContent: object, sentryContent: object): void {
  const names = [`pagerduty-${number}`, `sentry-${number}`] as const;
  secrets.set(names[0], pagerDutyContent);
  secrets.set(names[1], sentryContent);
  lambdaEnvironment({ PAGERDUTY_SECRET: names[0], SENTRY_SECRET: names[1] });
}

const ARN = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:Shop-Operations-ReadSlow';

/** As SNS delivers what CloudWatch publishes. */
const alarm = (state: string, more: object = {}) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      Sns: {
        Message: JSON.stringify({
          AlarmName: 'Shop-Operations-ReadSlow',
          AlarmDescription: 'Answers are slow. See docs/runbook.md#answers-are-slow',
          AlarmArn: ARN,
          AWSAccountId: '123456789012',
          NewStateValue: state,
          NewStateReason: 'Threshold Crossed: 3 datapoints were greater than the threshold (1.0).',
          StateChangeTime: '2026-11-26T20:00:00.000+0000',
          OldStateValue: 'OK',
          Region: 'EU (Frankfurt)',
          Trigger: { MetricName: 'TargetResponseTime', Namespace: 'AWS/ApplicationELB' },
          ...more,
        }),
      },
    },
  ],
});

describe('alarms to PagerDuty', () => {
  it('opens one incident for an alarm, and resolves it when the alarm is OK', async () => {
    await handler(alarm('ALARM'));
    expect(pagerDuty.incidents).toEqual([
      {
        summary: expect.stringContaining('docs/runbook.md#answers-are-slow'),
        status: 'triggered',
        events: 1,
      },
    ]);
    await handler(alarm('OK'));
    expect(pagerDuty.incidents).toEqual([expect.objectContaining({ status: 'resolved' })]);
    expect(pagerDuty.refused).toEqual([]);
  });

  it('takes an alarm that arrives twice for the same incident, and one after it for another', async () => {
    for (const state of ['ALARM', 'ALARM', 'OK', 'OK', 'ALARM']) await handler(alarm(state));
    expect(pagerDuty.incidents.map(({ status, events }) => [status, events])).toEqual([
      ['resolved', 2],
      ['triggered', 1],
    ]);
  });

  it('keeps alarms apart', async () => {
    await handler(alarm('ALARM'));
    await handler(alarm('ALARM', { AlarmArn: `${ARN}2`, AlarmName: 'other' }));
    await handler(alarm('OK', { AlarmArn: `${ARN}2`, AlarmName: 'other' }));
    expect(pagerDuty.incidents.map(({ status }) => status)).toEqual(['triggered', 'resolved']);
  });

  it('reports no alarm that lacks data', async () => {
    await handler(alarm('INSUFFICIENT_DATA'));
    expect([pagerDuty.incidents, pagerDuty.refused]).toEqual([[], []]);
  });

  it.each([
    ['the longest name and description', { AlarmName: 'n'.repeat(255), AlarmDescription: 'd'.repeat(1024) }],
    ['a long ARN', { AlarmArn: `${ARN}${'x'.repeat(255)}` }],
    ['no description', { AlarmDescription: null }],
    ['a name with every allowed character', { AlarmName: 'a b/ü%&#"\\<>' }],
  ])('fits the limits of the API: %s', async (_, more) => {
    await handler(alarm('ALARM', more));
    await handler(alarm('OK', more));
    expect(pagerDuty.refused).toEqual([]);
    expect(pagerDuty.incidents).toEqual([expect.objectContaining({ status: 'resolved' })]);
  });

  it.each([429, 500, 503])(
    'fails on %s, so that Lambda repeats the event, and is right then',
    async (status) => {
      pagerDuty.failures.push(status);
      await expect(handler(alarm('ALARM'))).rejects.toThrow(`did not accept a message: ${status}`);
      await handler(alarm('ALARM'));
      expect(pagerDuty.incidents).toHaveLength(1);
    },
  );

  it('fails when the key is wrong, without telling it', async () => {
    number += 1;
    setSecrets({ key: 'x'.repeat(32), endpoint: pagerDuty.url }, { dsn: sentry.dsn });
    const failed = handler(alarm('ALARM'));
    await expect(failed).rejects.toThrow('400');
    await expect(failed).rejects.not.toThrow('xxxxx');
  });
});

/** As the subscription of CloudWatch Logs delivers lines. */
const logged = (messages: readonly string[], more: object = {}) => ({
  awslogs: {
    data: gzipSync(
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        owner: '123456789012',
        logGroup: 'Shop-Data-FleetLog',
        logStream: 'read/i-0123456789abcdef0/app',
        subscriptionFilters: ['Errors'],
        logEvents: messages.map((message, id) => ({ id: String(id), timestamp: Date.now(), message })),
        ...more,
      }),
    ).toString('base64'),
  },
});

/** Lines of the app's own log. */
function lines(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const written: string[] = [];
  write(createLog({ write: (line: string) => written.push(line) }));
  return written;
}

const ids = { requestId: '2f0c', traceId: '0af7651916cd43dd8448eb211c80319c' };
const failure = (message: string, more: object = {}) =>
  lines((log) =>
    log.error(
      {
        err: new TypeError(message),
        method: 'GET',
        path: '/api/products/x',
        release: 'abc',
        ...ids,
        ...more,
      },
      'unexpected error',
    ),
  );

describe('errors to Sentry', () => {
  it('reports an error with its release, its calls and its request', async () => {
    await handler(logged(failure('no such thing')));
    expect(sentry.refused).toEqual([]);
    const [event, ...others] = sentry.events;
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      level: 'error',
      release: 'abc',
      transaction: 'GET /api/products/x',
      tags: { role: 'read', requestId: '2f0c' },
      logentry: { formatted: 'unexpected error' },
      contexts: { trace: { trace_id: ids.traceId, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) } },
    });
    const [{ type, value, stacktrace } = { type: '', value: '', stacktrace: { frames: [] } }] =
      event?.exception?.values ?? [];
    expect([type, value]).toEqual(['TypeError', 'no such thing']);
    // The innermost call is the last one.
    expect(stacktrace.frames.at(-1)).toMatchObject({
      filename: __filename,
      lineno: expect.any(Number),
      in_app: true,
    });
    expect(stacktrace.frames.some(({ in_app }) => in_app === false)).toBe(true);
  });

  it('counts a line once that arrives twice, and two errors of one kind twice', async () => {
    const [line = ''] = failure('first');
    await handler(logged([line, line]));
    await handler(logged([line]));
    await handler(logged(failure('first', { requestId: 'other' })));
    expect(sentry.events).toHaveLength(2);
  });

  it('reports nothing personal', async () => {
    const id = '019680a5-0c31-7c6e-9a51-4f2d3c9a7b10';
    const personal = [
      ...['ada@example.com', '203.0.113.9', '2001:db8::17', id, 'q9Zk3_TokenOfASession_8842'],
      'Ada Lovelace',
    ];
    const message = `Duplicate entry 'Ada Lovelace' for ${personal.slice(0, 5).join(' and ')} "Ada Lovelace"`;
    await handler(logged(failure(message, { path: `/api/reservations/${id}`, userId: id, body: personal })));
    expect(sentry.events).toHaveLength(1);
    for (const value of personal) expect(sentry.bodies.join()).not.toContain(value);
    expect(sentry.events[0]).toMatchObject({
      transaction: 'GET /api/reservations/[id]',
      exception: { values: [{ value: expect.stringContaining('Duplicate entry') }] },
    });
  });

  it('reports a line without an error object, and none below the level error', async () => {
    const written = lines((log) => {
      log.fatal({ service: 'shop' }, 'could not start or stop');
      log.warn('a warning');
    });
    await handler(logged([...written, 'not JSON', '17', 'null']));
    expect(sentry.events).toEqual([
      expect.objectContaining({ level: 'fatal', logentry: { formatted: 'could not start or stop' } }),
    ]);
    expect(sentry.refused).toEqual([]);
  });

  it('answers the message by which CloudWatch tests the subscription', async () => {
    await handler(logged(failure('x'), { messageType: 'CONTROL_MESSAGE' }));
    expect(sentry.events).toEqual([]);
  });

  it('fails while Sentry does, and a repeated event adds only what is missing', async () => {
    const all = [...failure('one'), ...failure('two')];
    sentry.failures.push(200, 503);
    await expect(handler(logged(all))).rejects.toThrow('503');
    await handler(logged(all));
    await handler(logged(all));
    expect(sentry.events.map(({ exception }) => exception?.values[0]?.value)).toEqual(['one', 'two']);
  });

  it("stops at Sentry's rate limit without failing: a repeated event would only meet it again", async () => {
    sentry.failures.push(429);
    await handler(logged([...failure('one'), ...failure('two')]));
    expect(sentry.events).toEqual([]);
    expect(console.log).toHaveBeenCalledWith(expect.stringContaining('"lines":2'));
  });

  it('sends the first of very many, and says how many it left out', async () => {
    await handler(logged(Array.from({ length: 50 }, (_, n) => failure(`number ${n}`)[0] ?? '')));
    expect(sentry.events).toHaveLength(20);
    expect(console.log).toHaveBeenCalledWith(expect.stringContaining('"lines":30'));
  });

  it('fails on a secret that is no JSON, without what it holds', async () => {
    number += 1;
    setSecrets({ key: KEY, endpoint: pagerDuty.url }, {});
    const failed = handler(logged(failure('x')));
    await expect(failed).rejects.toThrow();
    expect(sentry.events).toEqual([]);
  });
});

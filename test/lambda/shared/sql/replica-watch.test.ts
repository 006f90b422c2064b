import { createLog } from '../../../../lambda/shared/runtime/log';
import { REPLICA_LIMITS } from '../../../../lambda/shared/sql/replica-health';
import { watchReplicas } from '../../../../lambda/shared/sql/replica-watch';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { until } from '../../../support/until';

const log = createLog({ write: () => undefined });
const limits = REPLICA_LIMITS;

/** A replica whose answers a test gives, beside a primary that cannot be reached. */
function start(answer: () => Promise<number>, interval = 5) {
  let now = Date.now();
  let asked = 0;
  const at = (query: () => Promise<unknown>) => ({ query }) as unknown as Sql;
  const beats = async () => {
    asked += 1;
    return [{ beatAt: await answer() }];
  };
  const watch = watchReplicas({
    primary: at(() => Promise.reject(new Error('away'))),
    replicas: [{ name: 'replica', sql: at(beats) }],
    log,
    limits: { ...REPLICA_LIMITS, interval },
    now: () => now,
  });
  const [replica] = watch.replicas;
  if (!replica) throw new Error('There is a replica');
  return {
    ...{ replica, stop: watch.stop, ready: watch.ready, asked: () => asked },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('a replica that is stuck is left out after half a minute, also by who cannot reach the primary', async () => {
  const beat = Date.now();
  const { replica, pass, ready, stop } = start(async () => beat);
  await ready;
  pass(limits.age - 1000);
  await until(() => replica.state() === 'used');
  pass(2000);
  expect(replica.state()).toBe('out');
  expect(replica.stalenessMs()).toBe(0);
  await stop();
});

test('a beat from the future is none: lateness is not measured by it', async () => {
  const { replica, ready, stop } = start(async () => Date.now() + 3_600_000);
  await ready;
  expect(replica.state()).toBe('out');
  await stop();
});

test('a replica that failed a read is asked anew, and out until it answers a question from after that', async () => {
  const answers: ((beat: number) => void)[] = [];
  const held = () => new Promise<number>((resolve) => void answers.push(resolve));
  const { replica, ready, stop, asked } = start(held, 600_000);
  await until(() => asked() === 1);
  replica.suspect();
  answers[0]?.(Date.now());
  await ready;
  expect(replica.state()).toBe('out');
  await until(() => asked() === 2);
  answers[1]?.(Date.now());
  await until(() => replica.state() === 'used');
  await stop();
});

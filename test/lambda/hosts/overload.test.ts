import type { Answer } from '../../../lab/load/answer';
import { generate, type Step } from '../../../lab/load/generator';
import { NO_CONNECTION, openPool } from '../../../lab/load/pool';
import { createFixtures, type Fixtures } from '../../hostile/fixtures';
import { createSender } from '../../hostile/send';
import { type Server, startServer } from '../../hostile/server';
import { closing } from '../../support/cleanup';
import { engines } from '../../support/engines';
import type { Route } from '../../support/openapi';
import { until } from '../../support/until';

const PURCHASES = 60;
/** An overload that has lasted. */
const REFUSALS = 3000;

describe.each(engines())('the shop on $name, when it is asked for more than it can answer', (engine) => {
  let server: Server;
  let fixtures: Fixtures;
  beforeAll(async () => {
    server = await startServer(engine);
    fixtures = await createFixtures(server, createSender(server.port).send);
  });

  /** Confirmations of reservations that are made now, each by another customer. */
  async function reserved(count: number): Promise<Step[]> {
    const steps: Step[] = [];
    for (let n = 0; n < count; n++) {
      const path = '/api/reservations/{id}/confirm';
      const { member, params } = await fixtures.factsFor({ path } as Route, 'customer');
      steps.push({
        ...{ kind: 'confirm', method: 'POST', path: path.replace('{id}', params.id ?? '') },
        headers: { Authorization: `Bearer ${member?.token}` },
        check: (answer) => (confirmed(answer) ? undefined : problemIn(answer)),
      });
    }
    return steps;
  }
  const confirmed = ({ status, body }: Answer) =>
    status === 200 && JSON.parse(body.toString()).status === 'confirmed';
  const problemIn = ({ status, body }: Answer) => `${status} ${JSON.parse(body.toString()).type}`;

  it('confirms every reservation while it refuses reads, and refuses nothing afterwards', async () => {
    const { token } = await fixtures.join('customer');
    const confirmations = await reserved(PURCHASES);
    const target = { host: '127.0.0.1', port: server.port, tls: false };
    // Fewer than wait to be accepted at the most (511): the system resets others on a busy machine. Reads beyond them are
    // not sent: on a slow machine, they would fill the memory while they wait.
    const pool = closing(openPool({ target, connections: 400, waits: false }));
    // Else they would wait in the generator, for connections that reads hold.
    const buyers = closing(openPool({ target, connections: 16 }));
    let [sent, refused, meanwhile] = [0, 0, 0];
    const read: Step = {
      ...{
        kind: 'read',
        method: 'GET',
        path: '/api/users/me',
        headers: { Authorization: `Bearer ${token}` },
      },
      check: (answer) => {
        if (answer.status === 200) return undefined;
        refused++;
        return problemIn(answer);
      },
    };
    const next = (): Step => {
      const due = refused > 0 && ++sent % 50 === 0 ? confirmations.pop() : undefined;
      if (!due) return read;
      meanwhile++;
      return { ...due, pool: buyers };
    };

    const { kinds } = await generate({
      ...{ pool, next, arrivals: doubling(), timeoutMs: 30_000 },
      stop: () => refused > REFUSALS && confirmations.length === 0,
    });
    expect(kinds.confirm).toMatchObject({ requests: PURCHASES, errors: {} });
    expect(meanwhile).toBe(PURCHASES);
    // On a busy machine, some that were admitted are late. None is wrong.
    const errors = kinds.read?.errors ?? {};
    const {
      '503 overloaded': refusals,
      '503 database-unavailable': _waitedTooLong,
      'no answer in time': _late,
      [NO_CONNECTION]: unsent = 0,
      ...wrong
    } = errors;
    expect([refusals, wrong]).toEqual([expect.any(Number), {}]);
    // Not all reads: as many as fit are answered.
    expect((kinds.read?.requests ?? 0) - unsent).toBeGreaterThan(refused * 1.05);

    // Shares rise to the whole again.
    const answered = async () =>
      (await fetch(`http://127.0.0.1:${server.port}${read.path}`, { headers: read.headers })).ok;
    let inARow = 0;
    await until(async () => {
      inARow = (await answered()) ? inARow + 1 : 0;
      return inARow === 100;
    });
  });
});

/** Twice as many a second in each second, up to more than any machine answers on one thread. */
function* doubling(): Iterable<number> {
  for (let at = 0; ; at += 1000 / Math.min(20_000, 500 * 2 ** (at / 1000))) yield at;
}

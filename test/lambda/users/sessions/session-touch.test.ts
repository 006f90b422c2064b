import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { SETTING } from '../../../../lambda/shared/runtime/settings';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { insertAccount } from '../../../../lambda/users/accounts/repository';
import { usersMigrations } from '../../../../lambda/users/migrations';
import { insertSession } from '../../../../lambda/users/sessions/repository';
import { createTouches } from '../../../../lambda/users/sessions/session-touch';
import { newToken, tokenHash } from '../../../../lambda/users/sessions/tokens';
import { compiled } from '../../../../local/compiled';
import { engines } from '../../../support/engines';
import { DAY } from '../support';

const MANY = 1000;
/** Longer than any test: what is stored was flushed for another reason. */
const NEVER_MS = 3_600_000;

describe.each(engines())('the last use of sessions on $name', (engine) => {
  let sql: Sql & { url: string };
  const lines: string[] = [];
  const log = createLog({ write: (line: string) => void lines.push(line) });

  beforeAll(async () => {
    sql = await engine.open('users');
    await migrate(sql, usersMigrations);
    const person = { id: 'ada', email: 'ada@example.com', name: 'Ada', role: 'customer' } as const;
    await insertAccount(sql, { ...person, passwordHash: 'x', createdAt: 0 });
  });
  beforeEach(() => sql.execute('DELETE FROM sessions'));

  /** Sessions that were last used a day ago. */
  async function openSessions(count: number) {
    const at = Date.now() - DAY;
    const sessions = Array.from({ length: count }, (_, n) => ({
      ...{ id: `session-${n}`, userId: 'ada', userAgent: null, token: newToken() },
      ...{ createdAt: at, lastSeenAt: at, expiresAt: at + 7 * DAY },
    }));
    await sql.transaction(async (tx) => {
      for (const { token, ...session } of sessions) await insertSession(tx, session, tokenHash(token));
    });
    return sessions;
  }
  const seenLately = async () =>
    (
      await sql.query<{ id: string }>('SELECT id FROM sessions WHERE last_seen_at > ?', [
        Date.now() - DAY / 2,
      ])
    ).map(({ id }) => id);

  /** Commits, as each statement outside of a transaction is one. */
  function counting() {
    const counts = { commits: 0, statements: 0 };
    const counted: Sql = {
      ...sql,
      execute: (...asked) => {
        counts.commits += 1;
        counts.statements += 1;
        return sql.execute(...asked);
      },
      transaction: async (work) => {
        const result = await sql.transaction((tx) =>
          work({
            ...tx,
            execute: (...asked) => {
              counts.statements += 1;
              return tx.execute(...asked);
            },
          }),
        );
        counts.commits += 1;
        return result;
      },
    };
    return { counted, counts };
  }

  it(`is stored in one commit for ${MANY}, where it took ${MANY}`, async () => {
    const sessions = await openSessions(MANY);
    const touchAll = async (touches: ReturnType<typeof createTouches>) => {
      for (const session of sessions) await touches.touch(session, session.token, Date.now());
    };
    const { counted, counts } = counting();
    await touchAll(createTouches(counted, log));
    expect(counts).toEqual({ commits: MANY, statements: MANY });
    await sql.execute('UPDATE sessions SET last_seen_at = created_at');

    const together = counting();
    const touches = createTouches(together.counted, log, NEVER_MS);
    const store = touches.collect();
    // As when each person opens three pages at once.
    for (let n = 0; n < 3; n++) await touchAll(touches);
    expect(together.counts.commits).toBe(0);
    await store();
    expect(together.counts).toEqual({ commits: 1, statements: MANY });
    expect(await seenLately()).toHaveLength(MANY);
  });

  it('is left to a later request when too many wait, and when it could not be stored', async () => {
    const sessions = await openSessions(MANY + 1);
    let fails = true;
    const failing: Sql = {
      ...sql,
      transaction: (work) => (fails ? Promise.reject(new Error('read-only')) : sql.transaction(work)),
    };
    const touches = createTouches(failing, log, NEVER_MS);
    const touchAll = async () => {
      const store = touches.collect();
      for (const session of sessions) await touches.touch(session, session.token, Date.now());
      await store();
    };
    await touchAll();
    expect(lines.join()).toContain('could not store the last uses of sessions');
    expect(await seenLately()).toEqual([]);
    fails = false;
    await touchAll();
    expect(await seenLately()).toHaveLength(MANY);
  });

  it('is not stored twice, nor for a session that ended meanwhile', async () => {
    const [kept, ended] = await openSessions(2);
    if (!kept || !ended) throw new Error('There are two');
    const touches = createTouches(sql, log, NEVER_MS);
    const store = touches.collect();
    for (const session of [kept, ended]) await touches.touch(session, session.token, Date.now());
    await sql.execute('DELETE FROM sessions WHERE id = ?', [ended.id]);
    const later = Date.now() + 1000;
    await sql.execute('UPDATE sessions SET last_seen_at = ?', [later]);
    await store();
    expect(await sql.query('SELECT id, last_seen_at AS at FROM sessions')).toEqual([
      { id: kept.id, at: later },
    ]);
  });

  describe('in a process', () => {
    const running: ChildProcess[] = [];
    afterEach(async () => {
      for (const child of running.splice(0)) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    });

    async function start() {
      const child = spawn(process.execPath, compiled('lambda/hosts/server.ts'), {
        env: {
          PATH: process.env.PATH,
          [SETTING.shopServices]: 'users',
          [SETTING.usersDatabase]: sql.url,
          [SETTING.port]: '0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      running.push(child);
      const port = await new Promise<number>((resolve, reject) => {
        createInterface(child.stdout).on('line', (line) => {
          const said = JSON.parse(line);
          if (said.port) resolve(said.port);
        });
        child.once('exit', (code) => reject(new Error(`It ended with ${code}`)));
      });
      const read = async ({ token }: { token: string }) => {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await fetch(`http://127.0.0.1:${port}/api/users/me`, { headers });
        await answer.arrayBuffer();
        return answer.status;
      };
      const end = async (signal: NodeJS.Signals) => {
        const exited = once(child, 'exit');
        child.kill(signal);
        await exited;
      };
      return { read, end };
    }

    it('that is killed is lost for the last seconds, and ends no session', async () => {
      const [early, late] = await openSessions(2);
      if (!early || !late) throw new Error('There are two');
      const killed = await start();
      expect(await killed.read(early)).toBe(200);
      while (!(await seenLately()).includes(early.id)) await sleep(20);
      expect(await killed.read(late)).toBe(200);
      await killed.end('SIGKILL');
      expect(await seenLately()).toContain(early.id);

      const next = await start();
      for (const session of [early, late]) expect(await next.read(session)).toBe(200);
      while (!(await seenLately()).includes(late.id)) await sleep(20);
    });

    it('that is told to end is stored', async () => {
      const sessions = await openSessions(20);
      const server = await start();
      for (const session of sessions) expect(await server.read(session)).toBe(200);
      await server.end('SIGTERM');
      expect(await seenLately()).toHaveLength(20);
    });
  });
});

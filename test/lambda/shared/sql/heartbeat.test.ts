import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { heartbeatMigrations, lastBeat, startHeartbeat } from '../../../../lambda/shared/sql/heartbeat';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { countingChanges } from '../../../support/changes';
import { engines } from '../../../support/engines';

describe.each(engines())('heartbeats on $name', (engine) => {
  let sql: Sql;
  /** Real, since readers compare beats with their clock; it passes when a test says so. */
  let now = Date.now();
  const log = createLog({ write: () => undefined });
  const stops: (() => Promise<void>)[] = [];
  const start = (on: Sql) => void stops.push(startHeartbeat(on, log, () => now));

  beforeEach(async () => {
    sql = await engine.open('beats');
    await migrate(sql, heartbeatMigrations);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    jest.useRealTimers();
    for (const stop of stops.splice(0)) await stop();
    await sql.close();
  });

  const until = async (beat: number) => {
    while ((await lastBeat(sql, () => now)) !== beat) await sleep(10);
  };

  it('are none before the first', async () => {
    expect(await lastBeat(sql, () => now)).toBeUndefined();
  });

  it('show the time at which a process that writes last said so', async () => {
    start(sql);
    await until(now);
    now += 1000;
    await until(now);
  });

  it('come at least once a second, at any luck', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    jest.spyOn(Math, 'random').mockReturnValue(0.999999);
    let beats = 0;
    const execute: Sql['execute'] = async (statement) => {
      if (statement.startsWith('UPDATE')) beats += 1;
      return 1;
    };
    const stop = startHeartbeat({ ...sql, execute }, log);
    await jest.advanceTimersByTimeAsync(10_000);
    await stop();
    expect(beats).toBeGreaterThanOrEqual(10);
  });

  it('are believed if a clock is two seconds ahead, and no more', async () => {
    for (const [ahead, believed] of [
      [2000, now + 2000],
      [2001, undefined],
    ] as const) {
      await sql.execute('DELETE FROM heartbeats');
      await sql.execute("INSERT INTO heartbeats (id, beat_at) VALUES ('primary', ?)", [now + ahead]);
      expect(await lastBeat(sql, () => now)).toBe(believed);
    }
  });

  it('of several processes cost one change for each half second', async () => {
    const { sql: counted, changes } = countingChanges(sql);
    for (let n = 0; n < 4; n++) start(counted);
    await until(now);
    // The first that inserts, or finds the row there, is followed by an update of each.
    while (changes.length < 4 + 1) await sleep(10);
    const ofBeats = () => changes.slice(1).filter((rows) => rows > 0).length;
    expect(ofBeats()).toBe(1);
    now += 600;
    await until(now);
    const asked = changes.length;
    while (changes.length < asked + 8) await sleep(10);
    expect(ofBeats()).toBe(2);
  });

  it('go on after the database was away', async () => {
    let away = true;
    const failing: Sql = {
      ...sql,
      execute: (...asked) => (away ? Promise.reject(new Error('away')) : sql.execute(...asked)),
    };
    start(failing);
    await sleep(50);
    away = false;
    await until(now);
  });

  it('do not go back for a clock that is a little late', async () => {
    start(sql);
    await until(now);
    const before = now;
    now -= 1500;
    const { sql: counted, changes } = countingChanges(sql);
    start(counted);
    while (changes.length < 1) await sleep(10);
    expect(await lastBeat(sql, () => now)).toBe(before);
  });

  it('from the future are none, and end with the next beat of a clock that is right', async () => {
    const right = now;
    now += 3_600_000;
    const stop = startHeartbeat(sql, log, () => now);
    await until(now);
    await stop();
    now = right;
    expect(await lastBeat(sql, () => now)).toBeUndefined();
    start(sql);
    await until(right);
  });
});

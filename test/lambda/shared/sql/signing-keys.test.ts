import { migrate } from '../../../../lambda/shared/sql/migrations';
import { openSql } from '../../../../lambda/shared/sql/open';
import { createSigningKeys, signingKeyMigrations } from '../../../../lambda/shared/sql/signing-keys';
import { closing } from '../../../support/cleanup';
import { engines } from '../../../support/engines';

const SECOND = 1000;
const HOUR = 3_600_000;

describe.each(engines())('keys to sign with, on $name', (engine) => {
  let clock = Date.now();
  let url: string;

  beforeEach(async () => {
    const sql = await engine.open('keys');
    ({ url } = sql);
    await migrate(sql, signingKeyMigrations);
  });
  /** A process of its own. */
  const process = async () => {
    const sql = closing(await openSql(url));
    return createSigningKeys(sql, () => clock);
  };

  test('are shared by processes: one makes them, all read them', async () => {
    const [writer, reader] = [await process(), await process()];
    await reader.refresh();
    expect([reader.current(), reader.all()]).toEqual([undefined, []]);
    await writer.rotate();
    await reader.refresh();
    expect(reader.current()).toMatch(/^[\w-]{43}$/);
    expect(reader.current()).toBe(writer.current());
    expect(reader.all()).toEqual(writer.all());
  });

  test('are replaced after a day, by one that signs only once every process has read it', async () => {
    const writer = await process();
    await writer.rotate();
    const first = writer.current();
    clock += 23 * HOUR;
    await writer.rotate();
    expect(writer.all()).toEqual([first]);
    clock += HOUR;
    await writer.rotate();
    const [second] = writer.all();
    expect(writer.all()).toEqual([second, first]);
    expect(writer.current()).toBe(first);
    clock += 59 * SECOND;
    expect(writer.current()).toBe(first);
    clock += 2 * SECOND;
    expect(writer.current()).toBe(second);
    expect(second).not.toBe(first);
  });

  test('are removed when nothing that they signed can be shown any more', async () => {
    const writer = await process();
    const seen = new Set<string>();
    for (let hour = 0; hour < 24 * 10; hour += 6) {
      await writer.rotate();
      for (const key of writer.all()) seen.add(key);
      expect(writer.all().length).toBeLessThanOrEqual(3);
      clock += 6 * HOUR;
    }
    expect(seen.size).toBe(10);
  });

  test('may be made by several processes at once', async () => {
    const writers = await Promise.all([process(), process(), process()]);
    await Promise.all(writers.map((writer) => writer.rotate()));
    for (const writer of writers) await writer.refresh();
    const [first, ...others] = writers;
    for (const writer of others) expect(writer.all()).toEqual(first?.all());
    expect(first?.all().length).toBeGreaterThanOrEqual(1);
  });
});

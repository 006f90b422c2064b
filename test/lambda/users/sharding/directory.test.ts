import type { Sql } from '../../../../lambda/shared/sql/sql';
import { createMemoryTable } from '../../../../lambda/shared/tables/memory-table';
import { usersMigrations } from '../../../../lambda/users/migrations';
import {
  ClaimVoidError,
  createDirectory,
  deleteOldClaims,
  useClaim,
} from '../../../../lambda/users/sharding/directory';
import { DIRECTORY_TABLE } from '../../../../lambda/users/sharding/shard-map';
import { emptiedSchema } from '../../../support/emptied-schema';
import { engines } from '../../../support/engines';
import { DAY, MINUTE } from '../support';

const EMAIL = 'ada@example.com';
const [FIRST, SECOND] = ['user-1', 'user-2'];
const START = Date.parse('2030-01-01T00:00:00Z');

describe.each(engines())('the directory of e-mails on $name', (engine) => {
  let sql: Sql;
  let now: number;
  let directory: ReturnType<typeof createDirectory>;
  const table = () => createMemoryTable(DIRECTORY_TABLE);
  beforeEach(async () => {
    sql = await emptiedSchema(engine, 'users', usersMigrations);
    now = START;
    directory = createDirectory({ table: table(), at: () => sql, now: () => now });
  });

  it('respects a claim for a minute, and then gives the e-mail to the next one, if no account came of it', async () => {
    const claim = await directory.claim(EMAIL, FIRST);
    now += MINUTE - 1;
    expect(await directory.claim(EMAIL, SECOND)).toBeUndefined();
    now += 1;
    const next = await directory.claim(EMAIL, SECOND);
    expect(next).toEqual(expect.any(String));
    expect(await directory.find(EMAIL)).toBe(SECOND);
    // The first one comes too late, however late.
    await expect(useClaim(sql, claim ?? '', FIRST, now)).rejects.toThrow(ClaimVoidError);
    await expect(useClaim(sql, next ?? '', SECOND, now)).resolves.toBeUndefined();
  });

  it('keeps the e-mail of an account, however old its claim, until the account releases it', async () => {
    await directory.claim(EMAIL, FIRST);
    await sql.execute(
      `INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES (?, ?, 'Ada', 'customer', '', 0)`,
      [FIRST, EMAIL],
    );
    now += 30 * DAY;
    expect(await directory.claim(EMAIL, SECOND)).toBeUndefined();
    await directory.release(EMAIL, SECOND);
    expect(await directory.find(EMAIL)).toBe(FIRST);
    await directory.release(EMAIL, FIRST);
    expect(await directory.find(EMAIL)).toBeUndefined();
  });

  it('forgets used claims after a day, and none before', async () => {
    await useClaim(sql, 'old', FIRST, START);
    await useClaim(sql, 'younger', FIRST, START + 1);
    await deleteOldClaims(sql, START + DAY);
    expect(await sql.query('SELECT claim FROM email_claims')).toHaveLength(2);
    await deleteOldClaims(sql, START + DAY + 1);
    expect(await sql.query('SELECT claim FROM email_claims')).toEqual([{ claim: 'younger' }]);
  });
});

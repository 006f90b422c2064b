import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Account } from '../../../../lambda/users/accounts/account';
import {
  accountById,
  deleteAccount,
  insertAccount,
  replaceCredentials,
} from '../../../../lambda/users/accounts/repository';
import { usersMigrations } from '../../../../lambda/users/migrations';
import { engines } from '../../../support/engines';

describe.each(engines())('the rows of accounts, on $name', (engine) => {
  const ada: Account = {
    ...{ id: '1', email: 'ada@example.com', name: 'Ada', role: 'customer', passwordHash: 'old' },
    createdAt: 1,
  };

  test('a deletion with a password that was changed meanwhile deletes nothing', async () => {
    const sql = await engine.open('accounts');
    await migrate(sql, usersMigrations);
    await insertAccount(sql, ada);
    const changed = { ...ada, passwordHash: 'new' };
    expect(await replaceCredentials(sql, ada, changed)).toBe(true);
    expect(await deleteAccount(sql, ada)).toBe(false);
    expect(await replaceCredentials(sql, ada, { ...ada, passwordHash: 'a thief’s' })).toBe(false);
    expect(await accountById(sql, ada.id)).toEqual(changed);
    expect(await deleteAccount(sql, changed)).toBe(true);
    expect(await accountById(sql, ada.id)).toBeUndefined();
  });
});

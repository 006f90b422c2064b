import type { Account } from '../accounts/account';
import { accountByEmail, accountById } from '../accounts/repository';
import type { UserShards } from './user-shards';

/** By the directory, where there is one: an entry counts only if the account has that e-mail. */
export async function accountWithEmail(shards: UserShards, email: string): Promise<Account | undefined> {
  const all = await shards.undivided();
  if (all) return accountByEmail(all, email);
  const userId = await (await shards.directory())?.find(email);
  const account = userId === undefined ? undefined : await accountById(shards.at(userId), userId);
  return account?.email === email ? account : undefined;
}

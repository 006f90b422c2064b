import type { Logger } from '../shared/runtime/log';
import type { Sql } from '../shared/sql/sql';
import { NoSuchAccountError } from './accounts/errors';
import { setRole } from './accounts/repository';

import { Email } from './schemas';
import { accountWithEmail } from './sharding/account-with-email';
import { shardsOf, type UserShards } from './sharding/user-shards';

/** Makes the account with this e-mail a staff member's; idempotent. @throws NoSuchAccountError */
export async function grantStaff(users: Sql | UserShards, log: Logger, email: string): Promise<void> {
  const shards = shardsOf(users);
  const { data: normalized = email } = Email.safeParse(email);
  const account = await accountWithEmail(shards, normalized);
  if (!account)
    throw new NoSuchAccountError(`No account has the e-mail "${email}": register with it in the shop first`);
  await setRole(shards.at(account.id), account.id, 'staff');
  log.info({ userId: account.id }, 'became staff');
}

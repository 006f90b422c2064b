import { inventoryMigrations } from '../inventory/migrations';
import { surviveOutputErrors } from '../shared/runtime/log-writer';
import { required, SETTING } from '../shared/runtime/settings';
import { type Migration, migrate } from '../shared/sql/migrations';
import { openSql } from '../shared/sql/open';

import { usersMigrations } from '../users/migrations';

/** `node migrate.js`: migrates both schemas, with credentials that may change tables. Runs before each release. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  await upToDate(required(env, SETTING.usersDatabase), usersMigrations);
  await upToDate(required(env, SETTING.inventoryDatabase), inventoryMigrations);
}

async function upToDate(url: string, migrations: readonly Migration[]): Promise<void> {
  const sql = await openSql(url);
  try {
    const applied = await migrate(sql, migrations);
    console.log(JSON.stringify({ msg: 'migrated', applied }));
  } finally {
    await sql.close();
  }
}

// A log on a full disk must not keep the shop from starting.
surviveOutputErrors();
main(process.env).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

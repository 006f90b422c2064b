import { inventoryMigrations } from './inventory/migrations';
import { type Migration, migrate } from './shared/migrations';
import { required, SETTING } from './shared/settings';
import { openSql } from './shared/sql';
import { usersMigrations } from './users/migrations';

/** `node migrate.js`: brings both schemas up to date, with credentials that may change them. Runs before each release. */
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

main(process.env).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

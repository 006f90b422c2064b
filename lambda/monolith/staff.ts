import { createLog } from '../shared/log';
import { required, SETTING } from '../shared/settings';
import { openSql } from '../shared/sql';
import { createUsers } from '../users/service';

/** `node staff.js you@example.com`: makes a registered person staff. The first one has nobody to ask in the shop. */
async function main([email, ...rest]: string[]): Promise<void> {
  if (!email || rest.length > 0) throw new Error('Usage: node staff.js <e-mail of a registered person>');
  const sql = await openSql(required(process.env, SETTING.usersDatabase));
  try {
    await createUsers({ sql, log: createLog(), address: () => '' }).grantStaff(email);
    console.log(`${email} is staff now; sessions that were open know it at once.`);
  } finally {
    await sql.close();
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

import { checkStock } from '../inventory/check-stock';
import { required, SETTING } from '../shared/settings';
import { openSql } from '../shared/sql';

/** `node check-stock.js`: prints what is wrong with the stock; exit code 1 when anything is. May run while the shop sells. */
async function main(): Promise<void> {
  const sql = await openSql(required(process.env, SETTING.inventoryDatabase), { unhurried: true });
  try {
    const wrong = await checkStock(sql);
    if (wrong.length === 0) return console.log('The ledger and the reservations equal the stock.');
    console.table(wrong);
    process.exitCode = 1;
  } finally {
    await sql.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

import { auditStock } from '../inventory/stock/stock-audit';
import { required, SETTING } from '../shared/runtime/settings';
import { openSql } from '../shared/sql/open';

/** `node check-stock.js`: prints discrepancies of the stock; exit code 1 if any. Safe while the shop sells. */
async function main(): Promise<void> {
  const sql = await openSql(required(process.env, SETTING.inventoryDatabase), { use: 'maintenance' });
  try {
    const wrong = await auditStock(sql);
    if (wrong.length === 0) return console.log('The stock matches the ledger and the reservations.');
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

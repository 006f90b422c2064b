import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { auditStock, type Discrepancy } from '../lambda/inventory/stock/stock-audit';
import { SETTING } from '../lambda/shared/runtime/settings';
import { openSql } from '../lambda/shared/sql/open';
import { OUTPUT } from '../lib/names';
import { databaseUrl } from '../local/servers/databases';
import { callDeployed } from '../operate/aws/call-deployed';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';

const USAGE = `npm run check-stock   compares the stock with the ledger and the reservations
  --region <region>   region of the shop (default: as of the AWS CLI)
  --name <name>       name of the shop, as in -c name (default Shop)
  --local             the shop on this machine, or the database of INVENTORY_DATABASE
  --data <folder>     data folder of the local shop (default .local)
While the data is on the box, its own command does it: docs/deploy.md.
With a warehouse, npm run warehouse -- audit adds what left the database.`;

/** Safe while the shop sells. The exit code is 1 if something is wrong. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: SHOP_OPTIONS,
  });
  if (values.help) return console.log(USAGE);
  const { name: shop, region } = values;
  const wrong = values.local
    ? await auditHere(
        process.env[SETTING.inventoryDatabase] ?? databaseUrl(resolve(values.data), 'inventory'),
      )
    : await callDeployed<Discrepancy[]>({ shop, region, output: OUTPUT.stockAuditFunction, phase: 2 }, {});
  if (wrong.length === 0) return console.log('The stock matches the ledger and the reservations.');
  console.table(wrong);
  process.exitCode = 1;
}

async function auditHere(url: string): Promise<Discrepancy[]> {
  const sql = await openSql(url, { use: 'maintenance' });
  try {
    return await auditStock(sql);
  } finally {
    await sql.close();
  }
}

runShopCommand(USAGE, main);

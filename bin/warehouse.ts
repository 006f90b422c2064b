import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { audit, query, runArchive, showStatus } from '../lambda/archive/command';
import { localSides } from '../local/warehouse';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';
import { deployedSides } from '../operate/warehouse/deployed';

const USAGE = `npm run warehouse -- status             what is in the database, and what in the warehouse
npm run warehouse -- run                move what is old enough, now
npm run warehouse -- audit              whether the stock is what both halves of the ledger say
npm run warehouse -- query sold         what sold when
npm run warehouse -- query turnover     how often the stock of a product was sold in a year
npm run warehouse -- query unbought     what is reserved and never bought
npm run warehouse -- query "SELECT …"   in the warehouse alone: ledger, reservations, items
  --region <region>        region of the shop (default: as configured for the AWS CLI)
  --name <name>            name of the shop, as in -c name (default Shop)
  --local                  the shop on this machine, with DuckDB
  --data <folder>          data folder of the local shop (default .local)
  --kept-months <n>        months that stay, of a local shop (default: as in phase 6)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...SHOP_OPTIONS,
      'kept-months': { type: 'string' },
    },
  });
  const [command = '', text = '', ...rest] = positionals;
  if (values.help) return console.log(USAGE);
  if (
    !['status', 'run', 'audit', 'query'].includes(command) ||
    rest.length > 0 ||
    (command === 'query') !== (text !== '')
  )
    throw new Error('One of: status, run, audit, query "…"');
  const kept = values['kept-months'];
  if (kept !== undefined && !/^\d{1,3}$/.test(kept))
    throw new Error(`--kept-months must be a number of months, not "${kept}"`);
  const sides = values.local
    ? await localSides(
        { folder: resolve(values.data), keptMonths: kept === undefined ? undefined : Number(kept) },
        process.env,
      )
    : await deployedSides(values.name, values.region);
  const options = { ...sides, out: process.stdout };
  try {
    if (command === 'status') await showStatus(options);
    else if (command === 'run') await runArchive(options);
    else if (command === 'audit') process.exitCode = (await audit(options)) ? 0 : 1;
    else await query(options, text);
  } finally {
    await sides.close();
  }
}

runShopCommand(USAGE, main);

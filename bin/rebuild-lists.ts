import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Rebuilt, rebuildLists } from '../lambda/inventory/catalog/rebuild';
import { openSql } from '../lambda/shared/sql/open';
import { OUTPUT } from '../lib/names';
import { databaseUrl } from '../local/servers/databases';
import { callDeployed } from '../operate/aws/call-deployed';
import { runRebuild } from '../operate/rebuild-lists';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';

const USAGE = `npm run rebuild-lists            writes the rows of lists and searches again,
                                 where they are not what the product says
npm run rebuild-lists -- --check   only compares; ends with 1 if some differ
  --region <region>   region of the shop (default: as of the AWS CLI)
  --name <name>       name of the shop, as in -c name (default Shop)
  --local             the shop on this machine
  --data <folder>     data folder of the local shop (default .local)
The shop may sell and edit meanwhile.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      ...SHOP_OPTIONS,
    },
  });
  if (values.help) return console.log(USAGE);
  const { name: shop, region, check } = values;
  const options = { repairs: !check, out: process.stdout };
  if (!values.local) {
    const deployed = { shop, region, output: OUTPUT.rebuildFunction, phase: 2 };
    const call = (event: object) => callDeployed<Rebuilt>(deployed, event);
    if (!(await runRebuild({ ...options, call }))) process.exitCode = 1;
    return;
  }
  const sql = await openSql(databaseUrl(resolve(values.data), 'inventory'), { use: 'maintenance' });
  try {
    const call = ({ repairs, after }: { repairs: boolean; after: string }) =>
      rebuildLists(sql, repairs, { after });
    if (!(await runRebuild({ ...options, call }))) process.exitCode = 1;
  } finally {
    await sql.close();
  }
}

runShopCommand(USAGE, main);

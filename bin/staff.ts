import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLog } from '../lambda/shared/runtime/log';
import { openSql } from '../lambda/shared/sql/open';
import { grantStaff } from '../lambda/users/staff';
import { OUTPUT } from '../lib/names';
import { databaseUrl } from '../local/servers/databases';
import { callDeployed } from '../operate/aws/call-deployed';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';

const USAGE = `npm run staff -- you@example.com   makes a registered person staff
  --region <region>   region of the shop (default: as of the AWS CLI)
  --name <name>       name of the shop, as in -c name (default Shop)
  --local             the shop on this machine
  --data <folder>     data folder of the local shop (default .local)
While the data is on the box, its own command does it: docs/deploy.md.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: SHOP_OPTIONS,
  });
  if (values.help) return console.log(USAGE);
  const [email = '', ...rest] = positionals;
  if (!email || rest.length > 0)
    throw new Error(`Give the e-mail of one registered person, not "${positionals.join(' ')}"`);
  if (values.local) {
    await grantHere(resolve(values.data), email);
    return console.log(`${email} is staff now; sessions that were open know it at once.`);
  }
  const { name: shop, region } = values;
  const { message } = await callDeployed<{ message: string }>(
    { shop, region, output: OUTPUT.staffFunction, phase: 2 },
    { email },
  );
  console.log(message);
}

async function grantHere(folder: string, email: string): Promise<void> {
  const sql = await openSql(databaseUrl(folder, 'users'));
  try {
    await grantStaff(sql, createLog({ write: () => undefined }), email);
  } finally {
    await sql.close();
  }
}

runShopCommand(USAGE, main);

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { localShards } from '../local/servers/shards';
import { shardCommand } from '../operate/shards/command';
import { deployedShards } from '../operate/shards/deployed';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';

const USAGE = `npm run shards -- list                 the clusters of users, with their buckets
npm run shards -- add users-2          makes a deployed cluster a shard, without one
npm run shards -- balance              moves buckets until all have as many
npm run shards -- move 0-511 users-2   moves buckets, while the shop runs
npm run shards -- skew                 how even accounts and sessions are
  --region <region>   region of the shop (default: as of the AWS CLI)
  --name <name>       name of the shop, as in -c name (default Shop)
  --local             the shop on this machine: npm start -- --phase 6 --servers
  --data <folder>     data folder of the local shop (default .local)
Each may be stopped and run again: it goes on.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: SHOP_OPTIONS,
  });
  if (values.help) return console.log(USAGE);
  if (!values.local)
    return shardCommand(positionals, deployedShards(values.name, values.region), process.stdout);
  const { control, close } = await localShards(resolve(values.data));
  try {
    await shardCommand(positionals, control, process.stdout);
  } finally {
    await close();
  }
}

runShopCommand(USAGE, main);

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { localFederation } from '../local/servers/mailbox';
import { FEDERATION_COMMANDS, type FederationCommand, federate } from '../operate/federation/command';
import { deployedFederation } from '../operate/federation/deployed';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';

const USAGE = `npm run federate -- status   where the users are, and how the last command ended
npm run federate -- run      moves them to a cluster of their own, while the shop runs
npm run federate -- check    only compares both clusters; changes nothing
npm run federate -- back     moves them back, with what was written since
npm run federate -- drop     drops what they left behind: there is no way back
  --region <region>          region of the shop (default: as of the AWS CLI)
  --name <name>              name of the shop, as in -c name (default Shop)
  --local                    the shop on this machine:
                             npm start -- --phase 6 --servers
  --data <folder>            data folder of the local shop (default .local)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: SHOP_OPTIONS,
  });
  if (values.help) return console.log(USAGE);
  const [command = ''] = positionals;
  if (positionals.length !== 1 || !isCommand(command))
    throw new Error(`Give one of ${FEDERATION_COMMANDS.join(', ')}, not "${positionals.join(' ')}"`);
  const access = values.local
    ? onThisMachine(resolve(values.data))
    : await deployedFederation(values.name, values.region);
  try {
    if (!(await federate(command, access, process.stdout))) process.exitCode = 1;
  } finally {
    access.close();
  }
}

const isCommand = (word: string): word is FederationCommand =>
  FEDERATION_COMMANDS.some((one) => one === word);

function onThisMachine(folder: string) {
  const { s3, bucket } = localFederation(folder);
  const executor = {
    ...{ name: 'the mover', command: 'npm run federate' },
    sent: 'Command sent. The mover of the shop continues if you press Ctrl+C.',
    silent: 'Its log is users-mover.log.',
  };
  return { s3, bucket, executor, close: () => s3.destroy() };
}

runShopCommand(USAGE, main);

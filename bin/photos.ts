import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { OUTPUT, stackName } from '../lib/names';
import { localPhotos } from '../local/servers/photo-access';
import { stackOutputs } from '../operate/aws/stacks';
import { PHOTO_COMMANDS, type PhotoAccess, type PhotoCommand, photoCommand } from '../operate/photos';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';

const USAGE = `npm run photos -- show      where photos are, and those that failed for good, with the reason
npm run photos -- redrive   tries these again
npm run photos -- move      moves the photos from the database to DynamoDB, while the shop goes on
npm run photos -- back      moves them back
  --region <region>         region of the shop (default: as configured for the AWS CLI)
  --name <name>             name of the shop, as in -c name (default Shop)
  --local                   the shop on this machine: npm start -- --phase 6 --servers
  --data <folder>           data folder of the local shop (default .local)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: SHOP_OPTIONS,
  });
  if (values.help) return console.log(USAGE);
  const [command = ''] = positionals;
  if (positionals.length !== 1 || !isCommand(command))
    throw new Error(`Give one of ${PHOTO_COMMANDS.join(', ')}, not "${positionals.join(' ')}"`);
  const access = values.local
    ? localPhotos(resolve(values.data))
    : await deployedPhotos(values.name, values.region);
  for (const line of await photoCommand(command, access)) console.log(line);
}

const isCommand = (word: string): word is PhotoCommand => PHOTO_COMMANDS.some((one) => one === word);

async function deployedPhotos(shop: string, region: string | undefined): Promise<PhotoAccess> {
  const place = region ? { region } : {};
  const output = await stackOutputs(new CloudFormationClient(place), stackName(shop, 'Data'), 6);
  return {
    ...{ tableConfig: place, queueConfig: place, tableName: output(OUTPUT.photoTable) },
    queueUrl: output(OUTPUT.photoQueue),
    deadLettersUrl: output(OUTPUT.photoDeadLetters),
  };
}

runShopCommand(USAGE, main);

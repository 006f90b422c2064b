import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { runCommand } from '../lambda/data-migration/control/cli';
import { type Mailbox, openMailbox } from '../lambda/data-migration/control/mailbox';
import { OUTPUT, stackName } from '../lib/names';
import { localMailbox } from '../local/servers/mailbox';
import { stackOutputs } from '../operate/aws/stacks';
import { runShopCommand, SHOP_OPTIONS } from '../operate/shop-command';

const USAGE = `npm run move               move the shop's data from the box to Aurora and S3
npm run move -- --check    only compare both sides; changes nothing
npm run move -- --back     move it back to the box, including later writes
  --region <region>        region of the shop (default: as configured for the AWS CLI)
  --name <name>            name of the shop, as in -c name (default Shop)
  --local                  move the shop on this machine: npm start -- --phase 2 --servers
  --data <folder>          data folder of the local shop (default .local)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean' },
      back: { type: 'boolean' },
      ...SHOP_OPTIONS,
    },
  });
  if (values.help) return console.log(USAGE);
  if (values.check && values.back) throw new Error('--check and --back are mutually exclusive');
  const mailbox = values.local
    ? localMailbox(resolve(values.data))
    : await deployedMailbox(values.name, values.region);
  const command = values.check ? 'check' : values.back ? 'back' : 'move';
  if (!(await runCommand({ mailbox, command, out: process.stdout }))) process.exitCode = 1;
}

async function deployedMailbox(shop: string, region: string | undefined): Promise<Mailbox> {
  const place = region ? { region } : {};
  const output = await stackOutputs(new CloudFormationClient(place), stackName(shop, 'Data'), 2);
  return openMailbox(new S3Client(place), output(OUTPUT.deploymentsBucket));
}

runShopCommand(USAGE, main);

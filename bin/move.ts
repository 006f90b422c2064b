import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { type Mailbox, openMailbox } from '../lambda/move/mailbox';
import { askAndWatch } from '../lambda/move/watch';
import { localMailbox } from '../local/servers/mailbox';

const USAGE = `npm run move               carry the shop's data from the box to Aurora and S3
npm run move -- --check    only compare both sides; changes nothing
npm run move -- --back     carry it back to the box, with what was written since
  --region <region>        where the shop is deployed; default as the AWS CLI has it
  --local                  the shop that runs on this machine: npm start -- --phase 2 --servers
  --data <folder>          where that one keeps its data; default .local`;

/** The stack that knows the bucket, and its output. */
const STACK = 'Shop-Data';
const OUTPUT = 'DeploymentsBucketName';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean' },
      back: { type: 'boolean' },
      region: { type: 'string' },
      local: { type: 'boolean' },
      data: { type: 'string', default: join(__dirname, '..', '.local') },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(USAGE);
  if (values.check && values.back) throw new Error('Give --check or --back, not both');
  const mailbox = values.local ? localMailbox(resolve(values.data)) : await deployedMailbox(values.region);
  const command = values.check ? 'check' : values.back ? 'back' : 'move';
  if (!(await askAndWatch({ mailbox, command, out: process.stdout }))) process.exitCode = 1;
}

async function deployedMailbox(region: string | undefined): Promise<Mailbox> {
  const place = region ? { region } : {};
  return openMailbox(new S3Client(place), await bucketOf(new CloudFormationClient(place)));
}

async function bucketOf(cloudFormation: CloudFormationClient): Promise<string> {
  const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }));
  const bucket = stack?.Outputs?.find(({ OutputKey }) => OutputKey === OUTPUT)?.OutputValue;
  if (!bucket) throw new Error(`The stack ${STACK} has no output ${OUTPUT}: deploy phase 2 first`);
  return bucket;
}

main().catch((error: Error) => {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
});

import { parseArgs } from 'node:util';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { InputError, phaseNumber } from '../lab/capacity/options';
import { leftOf } from '../lab/capacity/phase-bill';
import { runCommand } from '../lab/capacity/run-command';
import { templatesOfPhases } from '../lab/capacity/templates';
import { planningRun } from '../lab/report/run';
import { phaseNumbered, phases } from '../lib/phases';
import { accountState } from '../review/teardown/account';
import { accountText, survivorsText } from '../review/teardown/text';

const USAGE = `npm run teardown -- --list       what cdk destroy leaves, and what that costs
  --phase <number>              of this phase (default: the newest)
  --name <name>                 the shop in the account (default Shop)
  --region <region>             default: AWS_REGION, else us-east-1
It only reads. Without credentials it reads the templates alone.`;

void runCommand(USAGE, async () => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      list: { type: 'boolean' },
      phase: text,
      name: { ...text, default: 'Shop' },
      region: { ...text, default: process.env.AWS_REGION ?? 'us-east-1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return USAGE;
  if (!values.list) throw new InputError('Nothing is asked for; expected --list.');
  const numbers = phases.map(({ number }) => number);
  const number = phaseNumber('phase', values.phase ?? String(numbers.at(-1)), numbers);
  return `${listOf(number)}\n${await inTheAccount(values.name, values.region)}`;
});

function listOf(number: number): string {
  const phase = phaseNumbered(number);
  const left = phase ? leftOf(phase, planningRun(), templatesOfPhases()) : [];
  return survivorsText(`After cdk destroy --all in phase ${number}, by its templates, there is still`, left);
}

async function inTheAccount(name: string, region: string): Promise<string> {
  // Asking the metadata service of a machine that has none takes seconds.
  process.env.AWS_EC2_METADATA_DISABLED ??= 'true';
  const credentials = defaultProvider();
  const known = await credentials().then(
    () => true,
    () => false,
  );
  if (!known) return 'No credentials: the account itself was not read.';
  const regions = [...new Set([region, 'us-east-1'])];
  const texts = await Promise.all(
    regions.map(
      async (one) => `${one}: ${accountText(await accountState(name, { region: one, credentials }))}`,
    ),
  );
  return texts.join('\n');
}

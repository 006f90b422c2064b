import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type Config, readConfig } from '../lib/config';
import { ROOT } from '../lib/root';

export interface CommandOptions {
  readonly config: Config;
  readonly json: boolean;
  readonly help: boolean;
}

/** Options as `cdk deploy` takes them: `-c name=value` over "context" in cdk.json, so that both look at one shop. */
export async function readOptions(args: readonly string[]): Promise<CommandOptions> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const given = values.context.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name, value.join('=')] as const;
  });
  const settings = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const context = { ...settings.context, ...Object.fromEntries(given) };
  return { config: readConfig(context, await usualRegion()), json: values.json, help: values.help };
}

/** The region of the AWS CLI's configuration, as `cdk` takes it. */
async function usualRegion(): Promise<string> {
  return new CloudFormationClient().config.region().catch(() => 'us-east-1');
}

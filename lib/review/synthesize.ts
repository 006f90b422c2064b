import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { readConfig } from '../config';
import type { Phase } from '../phases';
import { buildShop } from '../shop';

/** What the CDK's CLI adds to the context of cdk.json, for templates that say where in the code a resource is from. */
const paths = { 'aws:cdk:enable-path-metadata': true };

/**
 * One phase, one synthesis (rule C7), as `cdk synth -c phase=N` does it, in this process and in us-east-1.
 * @param outdir where the templates go; a temporary directory when there is none
 * @param options what a deployer chose, as `-c` would
 * @throws what the configuration, the constructs and the checks over the templates throw
 */
export function synthesizePhase(
  phase: Pick<Phase, 'number'>,
  outdir?: string,
  options: Readonly<Record<string, unknown>> = {},
): CloudAssembly {
  const settings = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8'));
  const context = { ...settings.context, ...paths, phase: phase.number, ...options };
  const app = new App({ outdir, context, analyticsReporting: false });
  buildShop(app, readConfig(context, 'us-east-1'));
  return app.synth();
}

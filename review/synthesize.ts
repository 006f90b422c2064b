import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { readConfig } from '../lib/config';
import type { Phase } from '../lib/phases';
import { buildShop } from '../lib/shop';

/** The context key with which the CDK CLI enables construct paths in templates. */
const paths = { 'aws:cdk:enable-path-metadata': true };

/**
 * One phase, one synthesis (rule CDK-7), as `cdk synth -c phase=N` does it, in this process and in us-east-1.
 * @param phase its number; more of it takes the place of what lib/phases.ts says
 * @param outdir directory for the templates; default: a temporary one
 * @param options context values, as with `-c`
 * @throws errors of the configuration, the constructs and the template checks
 */
export function synthesizePhase(
  phase: Pick<Phase, 'number'> & Partial<Phase>,
  outdir?: string,
  options: Readonly<Record<string, unknown>> = {},
): CloudAssembly {
  const settings = JSON.parse(readFileSync(join(__dirname, '../cdk.json'), 'utf8'));
  const context = { ...settings.context, ...paths, phase: phase.number, ...options };
  const app = new App({ outdir, context, analyticsReporting: false });
  const config = readConfig(context, 'us-east-1');
  buildShop(app, { ...config, phase: { ...config.phase, ...phase } });
  return app.synth();
}

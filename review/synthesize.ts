import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type CloudAssembly, DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';
import { readConfig } from '../lib/config';
import type { Phase } from '../lib/phases';
import { ROOT } from '../lib/root';
import { buildShop } from '../lib/shop';
import { checkTemplates } from '../lib/template-check';

/** The context key with which the CDK CLI enables construct paths in templates. */
const paths = { 'aws:cdk:enable-path-metadata': true };
/** No template says where a construct was made, and noting it takes a stack trace for each. */
const withoutStackTraces = { [DISABLE_CREATION_STACK_TRACES]: true };

/** Assets that are there already are not copied again: 100 MB for each of the later phases. */
const ofThisProcess = join(tmpdir(), `shop-synthesis-${process.pid}`);
process.once('exit', () => rmSync(ofThisProcess, { recursive: true, force: true }));

interface Options {
  /** Directory for the templates; default: one of this process, which the next synthesis overwrites. */
  readonly outdir?: string;
  /** Context values, as with `-c`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /**
   * True for the CDK's own check of templates, whose engine starts for longer than a synthesis takes. Templates that are
   * read and not deployed need none: `test/phases/checks.test.ts` holds every phase to it.
   */
  readonly checked?: boolean;
}

/**
 * One phase, one synthesis (rule CDK-7), as `cdk synth -c phase=N` does it, in this process and in us-east-1.
 * @param phase its number; more of it takes the place of what lib/phases.ts says
 * @throws errors of the configuration and the constructs, and of the template checks if there are any
 */
export function synthesizePhase(
  phase: Pick<Phase, 'number'> & Partial<Phase>,
  { outdir = ofThisProcess, context: given, checked = false }: Options = {},
): CloudAssembly {
  const settings = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const context = { ...settings.context, ...paths, ...withoutStackTraces, phase: phase.number, ...given };
  const app = new App({
    ...{ outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false },
  });
  if (checked) checkTemplates(app);
  const config = readConfig(context, 'us-east-1');
  buildShop(app, { ...config, phase: { ...config.phase, ...phase } });
  return app.synth();
}

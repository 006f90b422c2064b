import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type App,
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  Validations,
} from 'aws-cdk-lib';
import { kept } from './kept-output';
import { ROOT } from './root';

const REPORT = 'report.json';
const { version: CDK_VERSION } = JSON.parse(
  readFileSync(join(ROOT, 'node_modules/aws-cdk-lib/package.json'), 'utf8'),
) as { version: string };

/**
 * The CDK's own check of templates (rule CDK-11), whose report is kept until a template or the CDK changes: its engine,
 * which starts anew in each process, takes two thirds of the CPU time of a synthesis (decision 0280).
 */
class KeptTemplateCheck extends CloudFormationValidatePlugin {
  /** The CDK's, with which the engine comes. To ask the engine would load it. */
  override get version(): string {
    return CDK_VERSION;
  }

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const paths = new Map(context.templatePaths.map((path) => [basename(path), path]));
    const folder = kept(keyOf(context), (made) => {
      const report = JSON.stringify(super.validate(context), ofPaths(basename));
      writeFileSync(join(made, REPORT), report);
    });
    return JSON.parse(
      readFileSync(join(folder, REPORT), 'utf8'),
      ofPaths((name) => paths.get(name)),
    );
  }
}

/** One engine for all apps of a process. */
const check = new KeptTemplateCheck();

/** In place of the check that each app has by default. */
export function checkTemplates(app: App): void {
  Validations.of(app).addPlugins(check);
}

/** Of all that the report depends on, wherever the templates are. */
function keyOf({ stackTemplates }: IPolicyValidationContext): string {
  const hash = createHash('sha256').update(CDK_VERSION);
  for (const { stackConstructPath, templatePath, accountId, region } of stackTemplates) {
    const template = readFileSync(templatePath, 'utf8');
    hash.update(JSON.stringify([stackConstructPath, basename(templatePath), accountId, region, template]));
  }
  return hash.digest('hex');
}

/** For JSON: maps the paths of templates. */
const ofPaths =
  (map: (path: string) => string | undefined) =>
  (key: string, value: unknown): unknown =>
    key === 'templatePath' && typeof value === 'string' ? map(value) : value;

import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, CloudFormationValidatePlugin, Stack } from 'aws-cdk-lib';
import { checkTemplates } from '../../lib/template-check';
import { cleanup } from '../support/cleanup';

/** True in `failed` if a queue's template fails the CDK's own check, and the report. */
function checked(delay: number, description: string) {
  const outdir = mkdtempSync(join(tmpdir(), 'template-check-'));
  cleanup(() => rmSync(outdir, { recursive: true, force: true }));
  const app = new App({ ...{ outdir, analyticsReporting: false, builtinCloudFormationValidation: false } });
  app.node.setContext('@aws-cdk/core:validateAgainstDefaultRules', true);
  checkTemplates(app);
  const stack = new Stack(app, 'Queues', { description });
  const queue = { type: 'AWS::SQS::Queue', properties: { DelaySeconds: delay } };
  new CfnResource(stack, 'Queue', queue);
  let failed = false;
  const said = jest.spyOn(console, 'error').mockReturnValue();
  try {
    app.synth();
  } catch {
    failed = true;
  } finally {
    said.mockRestore();
  }
  const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  return { failed, report: pluginReports };
}

describe("the CDK's check of templates", () => {
  const engine = jest.spyOn(CloudFormationValidatePlugin.prototype, 'validate');
  afterAll(() => engine.mockRestore());
  beforeEach(() => engine.mockClear());

  test('is asked once for a template, wherever it is written, and finds again what it found', () => {
    const description = randomUUID();
    // Made by the same line: the report says which one made a resource.
    const [first, again] = [1, 2].map(() => checked(5000, description));
    expect(first?.failed).toBe(true);
    expect(JSON.stringify(first?.report)).toContain('Queues.template.json');
    expect(again).toEqual(first);
    expect(engine).toHaveBeenCalledTimes(1);
  });

  test('passes again what it passed', () => {
    const description = randomUUID();
    expect(checked(50, description).failed).toBe(false);
    expect(checked(50, description).failed).toBe(false);
    expect(engine).toHaveBeenCalledTimes(1);
  });

  test('is asked again when the template changes', () => {
    const description = randomUUID();
    expect(checked(50, description).failed).toBe(false);
    expect(checked(5000, description).failed).toBe(true);
    expect(engine).toHaveBeenCalledTimes(2);
  });
});

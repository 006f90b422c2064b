import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Phase, phases } from '../../lib/phases';
import { synthesizePhase } from '../../review/synthesize';
import { servicesOn } from './services-on';
import { settings, variants } from './synthesized';

type Options = Record<string, unknown>;

/** Conclusions of the CDK's checks of a phase's templates. An error among the findings is thrown by the synthesis. */
function conclusions(phase: Pick<Phase, 'number'> & Partial<Phase>, context: Options): string[] {
  const { directory } = synthesizePhase(phase, { context, checked: true });
  const file = join(directory, 'validation-report.json');
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    pluginReports: { pluginName: string; conclusion: string }[];
  };
  // The next synthesis has the same directory, and must write its own.
  rmSync(file);
  return report.pluginReports
    .filter(({ pluginName }) => pluginName === 'CloudFormation Validate')
    .map(({ conclusion }) => conclusion);
}

const pipeline = { repository: 'acme/shop', region: 'eu-west-1' };
const everyOptions: [string, Options][] = [
  ['default', variants.default],
  ['everything', variants.everything],
];

// All of this in one suite, and the phase with the most types of resources first: the engine of the checks takes seconds to
// start, and starts again for a type that it has not met.
describe('CDK-11: the CDK finds no fault in the templates', () => {
  test('and it would be an error, not a warning', () => {
    expect(settings['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  });

  const downwards = phases.map(({ number }) => number).reverse();

  describe.each(everyOptions)('with the options "%s"', (_, options) => {
    test.each(downwards)('in phase %i', (number) => {
      expect(conclusions({ number }, options)).toEqual(['success']);
    });
  });

  test('under another name', () => {
    expect(conclusions({ number: phases.length }, variants.staging)).toEqual(['success']);
  });

  test.each(['users', 'inventory'] as const)('with %s on Lambda', (service) => {
    expect(conclusions(servicesOn(service, 'lambda'), {})).toEqual(['success']);
  });

  test('with the pipeline', () => {
    expect(conclusions({ number: 1 }, pipeline)).toEqual(['success']);
  });
});

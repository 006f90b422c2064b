import { RemovalPolicy } from 'aws-cdk-lib';
import { phases } from '../../lib/phases';
import { stepFindings } from '../../review/evolution';
import { heldBy } from '../../review/stateful';
import { readableStep } from '../../review/step';
import { type Synthesis, synthesisOf } from '../../review/synthesis';
import { synthesizePhase } from '../../review/synthesize';
import { readableImpact, userImpact } from '../../review/user-impact';
import { shopFixture } from './shop-fixture';
import { everyPhase, synthesized } from './synthesized';

/**
 * The changes of a step that only appear with the options. One snapshot has every property, so the others are left out.
 */
function beyondDefault(changed: string, number: number): string {
  const without = readableStep(synthesized(number).templates, synthesized(number + 1).templates);
  const known = new Set(without.split('\n\n'));
  const inHomeRegion = (text: string) => text.replaceAll('eu-west-1', 'us-east-1');
  return changed
    .split('\n\n')
    .filter((block) => block.startsWith('# ') || !known.has(inHomeRegion(block)))
    .join('\n\n');
}

/** Each phase that has a next one, with each set of options. */
const steps = everyPhase.filter(({ number }) => phases.some((phase) => phase.number === number + 1));

describe('the ladder', () => {
  for (const { number, options } of steps) {
    const title = `the step from phase ${number} to ${number + 1} (${options})`;

    test(`${title} endangers nothing that runs`, () => {
      expect(stepFindings(synthesized(number, options), synthesized(number + 1, options))).toEqual([]);
    });

    test(`${title} is what was reviewed`, () => {
      const [before, after] = [number, number + 1].map((each) => synthesized(each, options).templates);
      expect(readableImpact(userImpact(before ?? {}, after ?? {}))).toMatchSnapshot('noticed');
      const changed = readableStep(before ?? {}, after ?? {});
      expect(options === 'default' ? changed : beyondDefault(changed, number)).toMatchSnapshot('changed');
    });
  }

  test.each(phases)('deploying phase $number again changes nothing', (phase) => {
    const again = synthesisOf(synthesizePhase(phase));
    const once = synthesized(phase.number);
    expect(readableStep(once.templates, again.templates)).toBe('Nothing changes.\n');
    expect(stepFindings(once, again)).toEqual([]);
  });
});

describe('the harness, over the real phase 1', () => {
  const phase = synthesized(1);
  const data = Object.entries(phase.templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources)
      .filter(([, each]) => heldBy(each))
      .map(([logicalId]) => ({ stack, logicalId })),
  );

  test.each(data)('would catch that $logicalId of $stack is renamed', ({ stack, logicalId }) => {
    const renamed = edited((text) => text.replaceAll(`"${logicalId}"`, '"Renamed"'));
    expect(stepFindings(phase, renamed)).toContainEqual(
      expect.objectContaining({ rule: 'data renamed', stack, logicalId }),
    );
  });

  test('knows what visitors notice of a bigger box', () => {
    const bigger = edited((text) => text.replaceAll('"t4g.small"', '"m7g.large"'));
    expect(stepFindings(phase, bigger)).toEqual([]);
    expect(readableImpact(userImpact(phase.templates, bigger.templates))).toMatchInlineSnapshot(`
"User impact:
  Shop-Services/Box/Group: the server is replaced: the shop is down until the new one has booted (minutes)
  Shop-Services/Box/Release/Installed: the app restarts with the new release (seconds)
"
`);
  });

  function edited(edit: (text: string) => string): Synthesis {
    return { ...phase, templates: JSON.parse(edit(JSON.stringify(phase.templates))) };
  }
});

const shop = shopFixture();

/** The findings of a step from the sound shop, as `rule: stack/logical id prefix`. */
function findings(...change: Parameters<typeof shopFixture>): string[] {
  return stepFindings(shop, shopFixture(...change)).map(
    ({ rule, stack, logicalId }) => `${rule}: ${stack}/${logicalId.replace(/[0-9A-F]{8}$/, '')}`,
  );
}

describe('the harness, over made-up steps', () => {
  test('lets a step through that only adds', () => {
    expect(findings({ added: ['Cache', 'Queue'], database: { backupRetentionPeriod: 14 } })).toEqual([]);
  });

  test('lets an unused export go when the phase before no longer imports it', () => {
    const unread = shopFixture({ bucketIsRead: false, bucketStaysExported: true });
    expect(stepFindings(unread, shopFixture({ bucketIsRead: false }))).toEqual([]);
  });

  test('lets retained data go', () => {
    const retained = shopFixture({ bucketIsRead: false, bucketRemoval: RemovalPolicy.RETAIN });
    expect(stepFindings(retained, shopFixture({ bucket: false }))).toEqual([]);
  });

  test.each([
    ['its storage encryption', { storageEncrypted: false }],
    ['its subnet group', { dbSubnetGroupName: 'elsewhere' }],
  ])('catches a database that is replaced by a change of %s', (_, database) => {
    expect(findings({ database })).toEqual(['data replaced: Data/Database']);
  });

  test('catches a database under a new logical id, retained or not', () => {
    expect(findings({ databaseId: 'Rows' })).toEqual(['data renamed: Data/Database']);
  });

  test('catches a removed bucket', () => {
    expect(findings({ bucket: false })).toEqual(['data removed: Data/Photos', 'export lost: Data/']);
  });

  test('catches a renamed bucket', () => {
    expect(findings({ bucketId: 'Pictures' })).toEqual(['data renamed: Data/Photos', 'export lost: Data/']);
  });

  test('catches an export that goes while the phase before imports it', () => {
    expect(findings({ bucketIsRead: false })).toEqual(['export lost: Data/']);
    expect(findings({ bucketIsRead: false, bucketStaysExported: true })).toEqual([]);
  });

  test('catches a changed description of a security group', () => {
    expect(findings({ groupDescription: 'The web server' })).toEqual([
      'network identity replaced: Network/Box',
    ]);
  });

  test('catches a security group that is replaced because its network is', () => {
    expect(findings({ vpcCidr: '10.1.0.0/16' })).toEqual([
      'network identity replaced: Network/Box',
      'network identity replaced: Network/Vpc',
    ]);
  });

  test('catches a stack that vanishes', () => {
    expect(findings({ dataStack: 'Storage' })).toContain('stack vanished: Data/');
  });

  test('catches protection that is lowered', () => {
    expect(findings({ terminationProtection: false })).toEqual(['data less protected: Data/']);
    expect(findings({ databaseRemoval: RemovalPolicy.SNAPSHOT })).toContain(
      'data less protected: Data/Database',
    );
    expect(findings({ database: { deletionProtection: false } })).toEqual([
      'data less protected: Data/Database',
    ]);
  });

  test('catches another type under the same logical id', () => {
    expect(findings({ thingType: 'AWS::SQS::Queue' })).toEqual(['type changed: Services/Thing']);
  });

  test('catches a guard that is gone or served by another function', () => {
    expect(findings({ guard: false })).toEqual(['guard missing: Network/Guard']);
    expect(findings({ guardFunction: 'other' })).toEqual(['handler changed: Network/Guard']);
  });
});

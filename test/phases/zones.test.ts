import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressPlan } from '../../lib/network/address-plan';
import { phases } from '../../lib/phases';
import { isObject, type Json, type Templates } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import { readableStep } from '../../review/step';
import { type Synthesis, synthesisOf } from '../../review/synthesis';
import { synthesizePhase } from '../../review/synthesize';
import { resources, synthesized } from './synthesized';

/** Rule CDK-17: zones are three names, chosen once. */

const usual = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;
const others = ['us-east-1d', 'us-east-1a', 'us-east-1b'] as const;

/** The zone of each resource, of three, at the time when zones were `Fn::Select` of `Fn::GetAZs`. */
const inZone: Readonly<Record<string, number>> = {
  'Shop-Network/Public1SubnetA8EFCE38': 0,
  'Shop-Network/Public2Subnet9829B968': 1,
  'Shop-Network/Public3SubnetBB9E3C7B': 2,
  'Shop-Network/App1Subnet6419ACBF': 0,
  'Shop-Network/App2Subnet717B2AAC': 1,
  'Shop-Network/App3Subnet6767B6BF': 2,
  'Shop-Network/Data1Subnet5147C71D': 0,
  'Shop-Network/Data2SubnetE2A47976': 1,
  'Shop-Network/Data3Subnet3F8C49BA': 2,
  'Shop-Network/Web1Subnet4B1B1DFA': 0,
  'Shop-Network/Web2Subnet5F7212D0': 1,
  'Shop-Network/Web3Subnet193C78A2': 2,
  'Shop-Data/DataVolume': 0,
  'Shop-Data/ManagedDatabaseInstance1072761AA': 0,
  'Shop-Data/ManagedDatabaseInstance2DCFA61D7': 1,
  'Shop-Data/ManagedDatabaseInstance3C569240D': 2,
};

const text = (value: unknown) => JSON.stringify(value);

/** A copy of every value of the templates that `change` has another one for. */
function changed<T>(value: T, change: (value: Json) => Json | undefined): T {
  const walk = (each: Json): Json => {
    const other = change(each);
    if (other !== undefined) return other;
    if (Array.isArray(each)) return each.map(walk);
    if (!isObject(each)) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value as Json) as T;
}

/** The phase as it was deployed before zones had names: the same places, by their position in the region. */
function deployedByPosition({ templates, ...rest }: Synthesis): Synthesis {
  const positioned = Object.entries(templates).map(([stack, template]) => {
    const placed = Object.entries(template.Resources ?? {}).map(([id, resource]) => {
      const position = inZone[`${stack}/${id}`];
      if (position === undefined) return [id, resource];
      const AvailabilityZone = { 'Fn::Select': [position, { 'Fn::GetAZs': '' }] };
      return [id, { ...resource, Properties: { ...resource.Properties, AvailabilityZone } }];
    });
    return [stack, { ...template, Resources: Object.fromEntries(placed) }];
  });
  return { ...rest, templates: Object.fromEntries(positioned) };
}

/** CloudFormation compares the results of its functions, not their text. */
function asCloudFormationReads(templates: Templates, zones: readonly string[]): Templates {
  return changed(templates, (value) => {
    const select = isObject(value) ? value['Fn::Select'] : undefined;
    const [index, list] = Array.isArray(select) ? select : [];
    return isObject(list) && 'Fn::GetAZs' in list ? zones[Number(index)] : undefined;
  });
}

test('CDK-17: no template asks for the zones of the region', () => {
  expect(text(resources().map(({ properties }) => properties))).not.toContain('Fn::GetAZs');
});

test('CDK-17: the zones that a deployer names are those that everything is in, in that order', () => {
  const named = synthesisOf(synthesizePhase({ number: 3 }, { context: { zones: others.join(',') } }));
  const translated = changed(named.templates, (value) =>
    typeof value === 'string'
      ? value.replaceAll(/\bus-east-1[a-f]\b/g, (zone) => usual[others.indexOf(zone as never)] ?? zone)
      : undefined,
  );
  expect(text(named.templates)).toContain('us-east-1d');
  expect(translated).toEqual(synthesized(3).templates);
});

describe.each(phases)('phase $number', ({ number }) => {
  const phase = synthesized(number);

  test('CDK-17: a shop that was deployed before zones had names loses nothing when it names those it is in', () => {
    const before = deployedByPosition(phase);
    const read = { ...before, templates: asCloudFormationReads(before.templates, usual) };
    expect(stepFindings(read, phase)).toEqual([]);
    expect(readableStep(read.templates, phase.templates)).toBe('Nothing changes.\n');
  });

  test('CDK-17: with other zones its subnets and its database would be replaced, had the guard not refused', () => {
    const before = deployedByPosition(phase);
    const read = { ...before, templates: asCloudFormationReads(before.templates, others) };
    const replaced = stepFindings(read, phase).map(({ stack, logicalId }) => `${stack}/${logicalId}`);
    // Of a volume, CloudFormation would refuse the change.
    const movable = Object.keys(inZone).filter(
      (name) => name !== 'Shop-Data/DataVolume' && isIn(phase, name),
    );
    expect(replaced).toEqual(expect.arrayContaining(movable));
  });
});

const isIn = ({ templates }: Synthesis, name: string) => {
  const [stack = '', id = ''] = name.split('/');
  return id in (templates[stack]?.Resources ?? {});
};

test('CDK-17: the guard knows the zones, and no subnet is touched before it agreed', () => {
  const guards = resources('Custom::PhaseGuard');
  for (const { phase, properties } of guards) {
    const region = phase.endsWith('everything') ? 'eu-west-1' : 'us-east-1';
    expect(properties.Zones).toBe(['a', 'b', 'c'].map((letter) => `${region}${letter}`).join(','));
  }
  const [{ id } = { id: '' }] = guards;
  const subnets = resources('AWS::EC2::Subnet');
  expect(subnets.length).toBeGreaterThan(20);
  for (const subnet of subnets) expect([subnet.id, subnet.resource.DependsOn]).toEqual([subnet.id, [id]]);
});

test('CDK-17: deploy.md has the command by which a deployed shop finds its zones', () => {
  const words = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
  expect(words).toContain('Name=tag:aws:cloudformation:stack-name,Values=Shop-Network');
  expect(words).toContain(`Name=cidr-block,Values=${addressPlan.public.join(',')}`);
  expect(words).toContain("--query 'sort_by(Subnets,&CidrBlock)[].AvailabilityZone'");
});

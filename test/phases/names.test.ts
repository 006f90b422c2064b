import { phases } from '../../lib/phases';
import { exportsOf, type Resource } from '../../review/cloudformation';
import { type SynthesizedPhase, synthesized } from './synthesized';

describe.each(phases.map(({ number }) => number))('two shops in one account, in phase %i', (number) => {
  const shop = synthesized(number);
  const staging = synthesized(number, 'staging');

  test('have no stack, output or export in common', () => {
    for (const names of [stacks, outputs, exported]) {
      expect(names(shop)).not.toHaveLength(0);
      expect(names(staging)).toHaveLength(names(shop).length);
      expect(names(shop).filter((name) => names(staging).includes(name))).toEqual([]);
    }
  });

  test('have no physical name, metric of their own or snapshot tag in common', () => {
    expect(named(shop)).not.toHaveLength(0);
    expect(named(shop).filter((name) => named(staging).includes(name))).toEqual([]);
  });

  test('share no name in their templates', () => {
    expect(JSON.stringify(staging.templates)).not.toMatch(
      /"[^"]*Shop-(Network|Data|Services|Edge|Global|EdgeAlarms|Operations)/,
    );
  });
});

const stacks = ({ templates }: SynthesizedPhase) => Object.keys(templates);

const outputs = ({ templates }: SynthesizedPhase) =>
  Object.entries(templates).flatMap(([stack, { Outputs = {} }]) =>
    Object.keys(Outputs).map((key) => `${stack}.${key}`),
  );

const exported = ({ templates }: SynthesizedPhase) =>
  Object.values(templates).flatMap((template) => [...exportsOf(template).keys()]);

/** The properties that name a resource in the account, the namespaces of own metrics, and tags that policies select. */
function named({ templates }: SynthesizedPhase): string[] {
  return Object.values(templates).flatMap(({ Resources = {} }) =>
    Object.values(Resources).flatMap(({ Type, Properties = {} }: Resource) =>
      flattened(Properties)
        .filter(([path, value]) => typeof value === 'string' && isOwnName(path, value))
        .map(([path, value]) => `${Type} ${path} ${value}`),
    ),
  );
}

/** Properties of resources themselves that end in Name but name something else. */
const REFERS = ['ListName', 'MetricName', 'DomainName', 'PolicyName', 'ServiceName', 'DbName'];

function isOwnName(path: string, value: string): boolean {
  const ownName = /^(\w*Name|UserId|UserGroupId)$/.test(path) && !REFERS.includes(path);
  const ownMetric = /(^|\.)Namespace$/.test(path) && !/^AWS\/|^CloudWatchSynthetics$/.test(value);
  return ownName || ownMetric || /TargetTags\.\d+\.Value$/.test(path);
}

function flattened(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, one]) => flattened(one, path ? `${path}.${key}` : key));
}

import { exportsOf, importsOf } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import type { Synthesis } from '../../review/synthesis';
import { synthesized } from './synthesized';

/** Decision 0132: phase 5 takes away what phase 4 had to keep of the box. */
const variants = [
  ['without a domain', synthesized(4), synthesized(5)],
  ['with everything', synthesized(4, 'everything'), synthesized(5, 'everything')],
] as const;

const resources = ({ templates }: Synthesis, stack: string) => templates[stack]?.Resources ?? {};
const gone = (before: Synthesis, after: Synthesis) =>
  Object.keys(before.templates).flatMap((stack) =>
    Object.entries(resources(before, stack)).filter(([id]) => !(id in resources(after, stack))),
  );

describe.each(variants)('%s', (_, before, after) => {
  test('nothing in any stack names the box, its address, its volume or its log', () => {
    const ids = Object.keys(after.templates).flatMap((stack) => Object.keys(resources(after, stack)));
    expect(
      ids.filter((id) => /^(Box|Firewallbox|Address|DataVolume|DailySnapshots|Exported)/.test(id)),
    ).toEqual([]);
    const exported = Object.values(after.templates).flatMap((template) => [...exportsOf(template).keys()]);
    expect(
      exported.filter((name) => /Box|Firewallbox|AttAddress|DataVolume|ExportedFunction/.test(name)),
    ).toEqual([]);
  });

  test('no stack of the phase before imports what goes, so each stack can be updated in turn', () => {
    const left = Object.values(after.templates).flatMap((template) => [...exportsOf(template).keys()]);
    const imported = new Set(Object.values(before.templates).flatMap(importsOf));
    expect([...imported].filter((name) => !left.includes(String(name)))).toEqual([]);
  });

  test('the address stays with the account, the log is kept, and the volume ends with a snapshot', () => {
    const policies = gone(before, after)
      .filter(([, { DeletionPolicy }]) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete')
      .map(([id, { DeletionPolicy }]) => [id.replace(/[0-9A-F]{8}$/, ''), DeletionPolicy]);
    expect(policies).toEqual(
      expect.arrayContaining([
        ['Address', 'RetainExceptOnCreate'],
        ['DataVolume', 'Snapshot'],
        ['BoxLog', 'Retain'],
      ]),
    );
    expect(policies).toHaveLength(3);
  });

  test('the way in of the CDN and the endpoints stay: the gateway and the public subnets', () => {
    const kept = (shop: Synthesis) =>
      Object.entries(resources(shop, 'Shop-Network')).filter(([, { Type }]) =>
        /^AWS::EC2::(InternetGateway|VPCGatewayAttachment|Subnet|Route|RouteTable|VPCEndpoint|InstanceConnectEndpoint)$/.test(
          Type,
        ),
      );
    expect(kept(after)).toEqual(kept(before));
  });

  test('the volume is let go only because the guard of the phase before has closed the way back', () => {
    const unclosed = JSON.parse(
      JSON.stringify(before).replaceAll('"MarkerIn"', '"MarkerNotIn"'),
    ) as Synthesis;
    expect(stepFindings(unclosed, after)).toContainEqual(
      expect.objectContaining({ rule: 'data removed', logicalId: 'DataVolume' }),
    );
  });

  test('no volume is let go whose final snapshot the phase before has not asked for', () => {
    const silent = JSON.parse(
      JSON.stringify(before).replaceAll('"DeletionPolicy":"Snapshot"', '"DeletionPolicy":"Delete"'),
    );
    expect(stepFindings(silent, after)).toContainEqual(
      expect.objectContaining({ rule: 'data removed', logicalId: 'DataVolume' }),
    );
  });
});

import { phases } from '../../../lib/phases';
import type { Resource, Templates } from '../../../review/cloudformation';
import { quantity } from '../../../review/cost/units';
import { NOBODY } from '../../../review/cost/usage';
import { survivors } from '../../../review/teardown/survivors';
import { survivorsText } from '../../../review/teardown/text';
import { synthesized } from '../../phases/synthesized';

const leftAfter = (number: number) =>
  survivors(
    synthesized(number).templates,
    phases.filter((phase) => phase.number < number).map((phase) => synthesized(phase.number).templates),
    { ...NOBODY, databaseStorage: quantity('GB-month', 100), requests: quantity('million', 1_000) },
  );

test.each(phases)(
  'after phase $number every retained resource is listed, with the command that ends it',
  ({ number }) => {
    const retained = Object.entries(synthesized(number).templates).flatMap(([stack, { Resources = {} }]) =>
      Object.entries(Resources)
        .filter(([, { DeletionPolicy = 'Delete' }]) => DeletionPolicy !== 'Delete')
        .map(([id]) => `${stack}/${id}`),
    );
    const left = leftAfter(number);
    expect(left.map(({ stack, id }) => `${stack}/${id}`)).toEqual(expect.arrayContaining(retained));
    expect(left.filter(({ remove }) => remove === '')).toEqual([]);
  },
);

test('a step may leave something that the new templates do not contain any more', () => {
  const left = leftAfter(5).filter(({ why }) => why === 'left by an earlier step');
  expect(left.map(({ name }) => name)).toEqual(expect.arrayContaining(['Address', 'DataVolume', 'BoxLog']));
  // Phase 4 ends the volume with a snapshot.
  expect(left.find(({ name }) => name === 'DataVolume')?.remove).toContain('delete-snapshot');
});

test('instances and rows are paid on, requests are not', () => {
  const left = leftAfter(2);
  const usd = (name: string) => left.find((one) => one.name === name)?.usd;
  expect(usd('Managed/Database/Instance1')).toBeCloseTo(43.8, 2);
  expect(usd('Managed/Database/Cluster')).toBeCloseTo(100 * 0.1 + 0.4, 2);
});

test('a key is deleted after everything that it encrypts', () => {
  const types = leftAfter(5).map(({ type }) => type);
  expect(types.indexOf('AWS::KMS::Key')).toBe(types.length - 1);
});

const templates = (resource: Resource): Templates => ({ 'Shop-Data': { Resources: { One: resource } } });

test('a cluster without a policy ends with a snapshot, as CloudFormation does it', () => {
  const [one] = survivors(templates({ Type: 'AWS::RDS::DBCluster' }), [], NOBODY);
  expect(one?.why).toBe('a final snapshot');
});

test('a retained type that nobody can delete is refused', () => {
  const retained = templates({ Type: 'AWS::EC2::VPC', DeletionPolicy: 'Retain' });
  expect(() => survivors(retained, [], NOBODY)).toThrow(/Shop-Data\/One is a AWS::EC2::VPC/);
});

test('the list fits on 80 columns', () => {
  const lines = survivorsText('Left', leftAfter(5)).split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

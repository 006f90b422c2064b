import type { Json, Resource, Templates } from '../../../lib/review/cloudformation';
import { notices, readableNotices } from '../../../lib/review/impact';
import { resource, template } from './made-up';

const rolling = { UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 0 } } };

/** The box: a custom resource finds the image, a launch template names it, a group of one runs it. */
function box({
  image = 'june',
  type = 't4g.small',
  release = 'one',
  ...rest
}: Record<string, string> = {}): Templates {
  const version: Json = { 'Fn::GetAtt': ['Launch', 'LatestVersionNumber'] };
  const resources: Record<string, Resource> = {
    Image: resource('Custom::MachineImage', { Release: image }),
    Launch: resource('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { InstanceType: type, ImageId: { 'Fn::GetAtt': ['Image', 'Parameter.Value'] } },
    }),
    Group: resource(
      'AWS::AutoScaling::AutoScalingGroup',
      { LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' }, Version: version } },
      rest.minimum ? { UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 1 } } } : rolling,
    ),
    Release: resource('Custom::Release', { Release: release }),
    Alarm: resource('AWS::CloudWatch::Alarm', { Threshold: rest.threshold ?? '80' }),
  };
  return { Services: template(resources) };
}

const felt = (before: Templates, after: Templates) =>
  notices(before, after).map(({ logicalId, lasts }) => `${logicalId}: ${lasts}`);

test('nobody notices that the same phase is deployed again', () => {
  expect(readableNotices(notices(box(), box()))).toBe('A running shop notices nothing.\n');
});

test('nobody notices a changed alarm', () => {
  expect(felt(box(), box({ threshold: '90' }))).toEqual([]);
});

test('a bigger box takes the minutes of a boot', () => {
  expect(readableNotices(notices(box(), box({ type: 't4g.large' })))).toMatchInlineSnapshot(`
"A running shop notices:
  Shop/Group: the server is replaced: the shop is away until the new one has booted (minutes)
"
`);
});

test('a new machine image replaces the box too, though the text of its launch template stays', () => {
  expect(felt(box(), box({ image: 'july' }))).toEqual(['Group: minutes']);
});

test('servers that are replaced while others serve are not noticed', () => {
  expect(felt(box({ minimum: '1' }), box({ minimum: '1', type: 't4g.large' }))).toEqual([]);
});

test('a release restarts the app', () => {
  expect(felt(box(), box({ release: 'two' }))).toEqual(['Release: seconds']);
});

test('a name that leads elsewhere is noticed by those who know it', () => {
  const record = (address: string) => ({
    Edge: template({ Name: resource('AWS::Route53::RecordSet', { TTL: '60', ResourceRecords: [address] }) }),
  });
  expect(felt(record('192.0.2.1'), record('192.0.2.2'))).toEqual(['Name: seconds']);
  expect(felt(record('192.0.2.1'), { Edge: {} })).toEqual(['Name: for good']);
});

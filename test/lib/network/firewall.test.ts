import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Firewall } from '../../../lib/network/firewall';
import { uncheckedApp } from '../../support/unchecked-app';

type Members = ConstructorParameters<typeof Firewall>[2]['members'];

function firewall(members: Members, closed?: Members) {
  const stack = new Stack(uncheckedApp());
  const vpc = new Vpc(stack, 'Vpc', { subnetConfiguration: [] });
  const outsiders = {
    internet: ['0.0.0.0/0'],
    operators: [],
    s3: ['pl-s3'],
    dynamodb: ['pl-dynamodb'],
    directory: [],
    cdn: ['pl-cdn'],
    cdnInClear: [],
  };
  const made = new Firewall(stack, 'Firewall', { vpc, members, closed, outsiders });
  return { made, template: Template.fromStack(stack) };
}

test('opens a port at both ends between two members, and at one towards an outsider', () => {
  const { template } = firewall(['box', 'logs']);
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 3);
  template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 2);
  template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
    DestinationPrefixListId: 'pl-s3',
    FromPort: 443,
  });
});

test('a row without one of its ends opens nothing', () => {
  const { template } = firewall(['box']);
  template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 1);
});

test('lets the CDN in by its prefix list, which counts as 55 of 60 rules: at one port of one group', () => {
  const { template } = firewall(['webBalancer']);
  expect(Object.values(template.findResources('AWS::EC2::SecurityGroupIngress'))).toEqual([
    expect.objectContaining({
      Properties: expect.objectContaining({ SourcePrefixListId: 'pl-cdn', FromPort: 443 }),
    }),
  ]);
});

test('a member that comes later changes nothing of those that were there', () => {
  const before = firewall(['box', 'logs']).template.toJSON().Resources;
  const after = firewall(['box', 'logs', 'connect']).template.toJSON().Resources;
  expect(after).toMatchObject(before);
});

test('a closed member keeps its group, and no port leads to it or from it', () => {
  const closed = firewall(['box', 'logs', 'database'], ['box']).template;
  closed.resourceCountIs('AWS::EC2::SecurityGroup', 3);
  closed.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  closed.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
});

test('asking for the group of a member that this phase does not have is an error', () => {
  expect(() => firewall(['box']).made.groupId('logs')).toThrow('No security group for "logs"');
});

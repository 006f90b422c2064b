import { Stack } from 'aws-cdk-lib';
import {
  CfnSecurityGroupEgress,
  CfnSecurityGroupIngress,
  Peer,
  Port,
  SecurityGroup,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Json } from '../../review/cloudformation';
import { openPorts } from '../../review/ports';
import { synthesisOf } from '../../review/synthesis';
import { uncheckedApp } from '../support/unchecked-app';
import { resource, template } from './template-fixtures';

test('shows every way a rule can be written, by the names that the code gives', () => {
  const app = uncheckedApp({
    context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' },
  });
  const network = new Stack(app, 'Network');
  const services = new Stack(app, 'Services');
  const vpc = new Vpc(network, 'Vpc', { maxAzs: 1, natGateways: 0 });
  const group = (id: string, allowAllOutbound = false) =>
    new SecurityGroup(network, id, { vpc, allowAllOutbound });
  const [box, app1, database] = [group('Box'), group('App'), group('Database')];
  group('Closed');
  group('Careless', true);
  box.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'Browsers');
  box.addIngressRule(Peer.anyIpv6(), Port.tcpRange(8000, 8100), 'Testers');
  app1.addIngressRule(box, Port.udp(53), 'Names');
  const rule = { ipProtocol: 'tcp', fromPort: 3306, toPort: 3306, description: 'Rows' };
  const [from, to] = [app1.securityGroupId, database.securityGroupId];
  new CfnSecurityGroupIngress(services, 'In', { ...rule, groupId: to, sourceSecurityGroupId: from });
  new CfnSecurityGroupEgress(services, 'Out', { ...rule, groupId: from, destinationSecurityGroupId: to });
  new CfnSecurityGroupEgress(services, 'S3', {
    ipProtocol: '-1',
    groupId: from,
    destinationPrefixListId: 'pl-1',
  });
  expect(`\n${openPorts(synthesisOf(app.synth()).templates)}`).toMatchInlineSnapshot(`
"
from             to               port       opened  why
App              Database         3306       both    Rows
App              pl-1             all        out
Box              App              53/udp     in      Names
Careless         internet (IPv4)  all        out     Allow all outbound traffic by default
internet (IPv4)  Box              443        in      Browsers
internet (IPv6)  Box              8000-8100  in      Testers
"
`);
});

test('shows the open door that EC2 adds to a group without outbound rules', () => {
  const { templates } = { templates: { Shop: template({ Box: resource('AWS::EC2::SecurityGroup') }) } };
  expect(openPorts(templates)).toMatch(/^Box +internet \(IPv4\) +all +out +EC2's default/m);
});

test('is an empty table when nothing is open', () => {
  expect(openPorts({})).toBe('from  to  port  opened  why\n');
});

test('says whose addresses a list of AWS holds', () => {
  const list: Json = { 'Fn::GetAtt': ['List', 'PrefixLists.0.PrefixListId'] };
  const port = {
    IpProtocol: 'tcp',
    FromPort: 443,
    ToPort: 443,
    GroupId: { 'Fn::GetAtt': ['Box', 'GroupId'] },
  };
  const table = openPorts({
    Shop: template({
      Box: resource('AWS::EC2::SecurityGroup', { SecurityGroupEgress: [] }),
      List: resource('Custom::CloudFrontPrefixList'),
      In: resource('AWS::EC2::SecurityGroupIngress', { ...port, SourcePrefixListId: list }),
    }),
  });
  expect(table).toMatch(/^CloudFront \(prefix list\) +Box +443 +in/m);
});

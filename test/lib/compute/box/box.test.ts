import { spawnSync } from 'node:child_process';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Box } from '../../../../lib/compute/box/box';
import { userData } from '../../../../lib/compute/box/user-data';
import { uncheckedApp } from '../../../support/unchecked-app';

const stack = new Stack(uncheckedApp(), 'Shop-Services', { env: { region: 'us-east-1' } });
new Box(stack, 'Box', {
  size: { name: 't4g.small', baselineGbps: 0.128, burstable: true },
  imageRelease: 'first',
  subnetId: 'subnet-1',
  securityGroupId: 'sg-1',
  addressAllocationId: 'eipalloc-1',
  dataVolumeId: 'vol-1',
  deployments: new Bucket(stack, 'Deployments'),
  log: new LogGroup(stack, 'Log'),
});
const services = Template.fromStack(stack);
const only = (type: string) =>
  Object.entries(services.findResources(type))[0] as [string, Record<string, never>];

test('the hook is part of the group, so that even the first box waits for its address and its data', () => {
  services.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
    LifecycleHookSpecificationList: [
      {
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        DefaultResult: 'ABANDON',
        HeartbeatTimeout: 900,
      },
    ],
  });
});

test('the function of the hook exists before the first box is launched', () => {
  const [, group] = only('AWS::AutoScaling::AutoScalingGroup');
  const needed = [only('AWS::Events::Rule')[0], only('AWS::Lambda::Permission')[0]];
  expect(group.DependsOn).toEqual(expect.arrayContaining(needed));
  expect(JSON.stringify(group.DependsOn)).toContain('BoxClaimFunction');
});

test('the function may give this volume and this address to hosts with the tag of the box, and to no other', () => {
  const [policy] = Object.entries(services.findResources('AWS::IAM::Policy')).flatMap(
    ([id, { Properties }]) => (id.startsWith('BoxClaim') ? [Properties] : []),
  );
  const giving = (
    (policy?.PolicyDocument.Statement ?? []) as { Action: string | string[]; Resource: unknown }[]
  ).filter(({ Action }) => JSON.stringify(Action).includes('ec2:AttachVolume'));
  const Action = ['ec2:AttachVolume', 'ec2:AssociateAddress'];
  const arns = (...ends: string[]) =>
    ends.map((end) => ({ 'Fn::Join': ['', expect.arrayContaining([end])] }));
  const [, template] = only('AWS::EC2::LaunchTemplate');
  const { LaunchTemplateData } = template.Properties as unknown as {
    LaunchTemplateData: {
      TagSpecifications: { ResourceType: string; Tags: { Key: string; Value: string }[] }[];
    };
  };
  const tagOf = (type: string) =>
    LaunchTemplateData.TagSpecifications.find(({ ResourceType }) => ResourceType === type)?.Tags.find(
      ({ Key }) => Key !== 'Name',
    );
  const { Key, Value } = tagOf('instance') ?? {};
  expect(tagOf('network-interface')).toEqual({ Key, Value });
  expect(giving).toEqual([
    {
      ...{ Effect: 'Allow', Action },
      Resource: arns(':volume/vol-1', ':elastic-ip/eipalloc-1'),
    },
    {
      ...{ Effect: 'Allow', Action },
      Resource: arns(':instance/*', ':network-interface/*'),
      Condition: { StringEquals: { [`aws:ResourceTag/${Key}`]: Value } },
    },
  ]);
});

test('the function gives up before the hook does, so that giving up is said and not guessed', () => {
  const functions = services.findResources('AWS::Lambda::Function', {
    Properties: { Environment: { Variables: { VOLUME_ID: {} } } },
  });
  for (const { Properties } of Object.values(functions)) expect(Properties.Timeout).toBeLessThan(900);
});

test('the old box goes before the new one comes, since there is one volume', () => {
  services.hasResource('AWS::AutoScaling::AutoScalingGroup', {
    Properties: { MinSize: '1', MaxSize: '1' },
    UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 0, MaxBatchSize: 1 } },
  });
});

test('a release is asked for once the box is there and may do what it needs, and again when the box is another one', () => {
  const [policy] = Object.keys(services.findResources('AWS::IAM::Policy')).filter((id) =>
    id.startsWith('BoxRoleDefaultPolicy'),
  );
  services.hasResource('Custom::Release', {
    DependsOn: Match.arrayWith([only('AWS::AutoScaling::AutoScalingGroup')[0], policy]),
    Properties: { Machine: { 'Fn::GetAtt': [only('AWS::EC2::LaunchTemplate')[0], 'LatestVersionNumber'] } },
  });
});

test('the box may do nothing in EC2', () => {
  const policies = JSON.stringify(services.findResources('AWS::IAM::Policy'));
  expect(policies).toContain('ec2:AttachVolume');
  const box = Object.entries(services.findResources('AWS::IAM::Policy')).filter(([id]) =>
    id.startsWith('BoxRole'),
  );
  expect(box).toHaveLength(1);
  expect(JSON.stringify(box)).not.toMatch(/"(ec2|autoscaling|iam|ssm|sts):(?!AssumeRole)/);
});

const script = userData({
  region: 'us-east-1',
  deploymentsBucket: 'deployments',
  dataVolumeId: 'vol-1',
  logGroup: 'log',
  domain: '',
  host: { bucket: 'assets', key: 'host.zip' },
});

test('the box silences the programs of the image that call out, as every host does', () => {
  const silent = script.indexOf('systemctl mask --now amazon-ssm-agent.service ');
  expect(silent).toBeGreaterThan(0);
  expect(silent).toBeLessThan(script.indexOf('aws s3 cp'));
});

test('until packages are installed the user data needs nothing that an image may lack', () => {
  expect(script).not.toMatch(/\b(unzip|jq|wget)\b/);
});

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0 || process.env.REQUIRE_SERVERS === '1';

(shellcheck ? test : test.skip)('shellcheck has nothing to say about the user data', () => {
  const { status, stdout } = spawnSync('shellcheck', ['-'], { input: script, encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

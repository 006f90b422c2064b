import { DescribeVpcsCommand, EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { GetRoleCommand, IAMClient, UpdateRoleCommand } from '@aws-sdk/client-iam';
import { openClients } from '../../../operate/aws/clients';
import { ChangingCallError, readOnly } from '../../../operate/aws/read-only';
import { see } from '../../../operate/aws/seen';
import { AwsServer, lambdaEnvironment } from '../../lib/aws';

let server: AwsServer;
beforeAll(async () => {
  server = await AwsServer.start(() => ({ body: '<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>' }));
  lambdaEnvironment({ AWS_ENDPOINT_URL: server.url });
});
beforeEach(() => void server.calls.splice(0));

test('a call that could change something is refused before anything is sent', async () => {
  const { ec2, iam } = openClients('us-east-1');
  await expect(ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-1'] }))).rejects.toThrow(
    ChangingCallError,
  );
  await expect(iam.send(new UpdateRoleCommand({ RoleName: 'any' }))).rejects.toThrow('UpdateRole may change');
  await expect(see(() => iam.send(new UpdateRoleCommand({ RoleName: 'any' })))).rejects.toThrow(
    ChangingCallError,
  );
  expect(server.calls).toEqual([]);
  await ec2.send(new DescribeVpcsCommand());
  expect(server.calls.map(({ action }) => action)).toEqual(['DescribeVpcs']);
});

test('every client of the commands is guarded', async () => {
  for (const client of Object.values(openClients('us-east-1')))
    expect((client.middlewareStack as { identify(): string[] }).identify().join()).toContain('readOnly');
});

test('a denial is a fact that names the operation', async () => {
  server.denials.set('DescribeVpcs', ['UnauthorizedOperation', 'RequestLimitExceeded', 'InternalError']);
  const ec2 = readOnly(new EC2Client({ region: 'us-east-1' }));
  const look = () => see(() => ec2.send(new DescribeVpcsCommand()));
  expect(await look()).toEqual({ unseen: 'not allowed: EC2 DescribeVpcs' });
  expect(await look()).toEqual({ unseen: 'throttled: EC2 DescribeVpcs; try again' });
  expect(await look()).toEqual({ unseen: 'EC2 DescribeVpcs: InternalError for a test' });
});

test('a server that is not there is a fact too', async () => {
  const iam = readOnly(new IAMClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' }));
  const seen = await see(() => iam.send(new GetRoleCommand({ RoleName: 'a' })));
  expect(seen).toEqual({ unseen: expect.stringContaining('IAM GetRole') });
});

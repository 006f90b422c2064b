import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { stackOutputs } from '../../../operate/aws/stacks';
import type { AwsServer } from '../../lib/aws';
import { cleanup } from '../../support/cleanup';
import { type Account, healthyAccount, startAccount } from '../aws-account';

let account: Account;
let server: AwsServer;
let client: CloudFormationClient;

beforeAll(async () => {
  server = await startAccount(() => account);
  client = new CloudFormationClient({});
  cleanup(() => client.destroy());
});
beforeEach(() => {
  account = healthyAccount(6);
});

test('outputs of a stack are read once, by their names', async () => {
  account.stacks['Shop-Data'] = { status: 'UPDATE_COMPLETE', outputs: { Queue: 'https://q', Table: 't' } };
  const output = await stackOutputs(client, 'Shop-Data', 6);
  expect([output('Queue'), output('Table')]).toEqual(['https://q', 't']);
  expect(server.calls.filter(({ action }) => action === 'DescribeStacks')).toHaveLength(1);
});

test('a missing output is an error with the phase that makes it, when it is asked for', async () => {
  const output = await stackOutputs(client, 'Shop-Data', 6);
  expect(output('DeploymentsBucketName')).toBe('deployments');
  expect(() => output('Queue')).toThrow('The stack Shop-Data has no output Queue: deploy phase 6 first');
});

test('a missing stack is the same error', async () => {
  const output = await stackOutputs(client, 'Other-Data', 6);
  expect(() => output('Queue')).toThrow('The stack Other-Data has no output Queue: deploy phase 6 first');
});

test('a refusal of AWS is passed on: it says nothing of the stack', async () => {
  server.denials.set('DescribeStacks', ['AccessDenied']);
  await expect(stackOutputs(client, 'Shop-Data', 6)).rejects.toThrow('AccessDenied for a test');
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accountState } from '../../../review/teardown/account';
import { accountText } from '../../../review/teardown/text';
import { cleanup } from '../../support/cleanup';

const STACKS = `<member><StackName>Shop-Data</StackName><StackId>arn:gone</StackId><StackStatus>DELETE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime></member>
<member><StackName>Shop-Network</StackName><StackId>arn:stands</StackId><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime></member>
<member><StackName>Staging-Data</StackName><StackId>arn:other</StackId><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime></member>`;

const event = (id: string, status: string) =>
  `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>physical-${id}</PhysicalResourceId><ResourceType>AWS::EC2::Volume</ResourceType><ResourceStatus>${status}</ResourceStatus><Timestamp>2026-11-20T10:00:00Z</Timestamp></member>`;

const EVENTS: Readonly<Record<string, string>> = {
  'arn:gone': event('DataVolume', 'DELETE_SKIPPED') + event('Topic', 'DELETE_COMPLETE'),
  'arn:stands': event('Address', 'DELETE_SKIPPED'),
};

/** Speaks the query protocol, one page a request, and keeps the actions that were asked for. */
async function cloudFormation() {
  const actions: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const asked = new URLSearchParams(Buffer.concat(chunks).toString());
      const action = asked.get('Action') ?? '';
      actions.push(action);
      const list =
        action === 'ListStacks'
          ? `<StackSummaries>${STACKS}</StackSummaries>`
          : `<StackEvents>${EVENTS[asked.get('StackName') ?? ''] ?? ''}</StackEvents>`;
      response.setHeader('content-type', 'text/xml');
      response.end(
        `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${list}</${action}Result></${action}Response>`,
      );
    });
  });
  cleanup(() => new Promise((done) => server.close(done)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { actions, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('names the stacks that stand and all that was skipped, also of deleted stacks, and only reads', async () => {
  const { endpoint, actions } = await cloudFormation();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const state = await accountState('Shop', { endpoint, region: 'us-east-1', credentials });
  expect(state.standing).toEqual(['Shop-Network']);
  expect(state.skipped.map(({ stack, physicalId }) => `${stack} ${physicalId}`)).toEqual([
    'Shop-Data physical-DataVolume',
    'Shop-Network physical-Address',
  ]);
  expect(actions.filter((action) => !/^(List|Describe)/.test(action))).toEqual([]);
  expect(accountText(state)).toContain(
    '2026-11-20 AWS::EC2::Volume Shop-Data/DataVolume\n      physical-DataVolume',
  );
});

test('an account without anything says so', () => {
  expect(accountText({ standing: [], skipped: [] })).toContain('No stack of this shop stands.');
});

import { handler } from '../../../lib/network/prefix-list.handler';
import { AwsServer, lambdaEnvironment } from '../aws';
import { ResponseServer } from '../response-server';

const address = new ResponseServer();
let ec2: AwsServer;
let lists = '';

beforeAll(async () => {
  await address.start();
  ec2 = await AwsServer.start(() => ({
    body: `<DescribeManagedPrefixListsResponse><prefixListSet>${lists}</prefixListSet></DescribeManagedPrefixListsResponse>`,
  }));
  lambdaEnvironment({ AWS_ENDPOINT_URL_EC2: ec2.url });
});
beforeEach(() => {
  lists = '<item><prefixListId>pl-1</prefixListId></item>';
  jest.spyOn(console, 'log').mockImplementation();
});

async function deploy(type: 'Create' | 'Update' | 'Delete') {
  await handler(address.event(type, { ListName: 'com.amazonaws.us-east-1.s3' }));
  return address.answer();
}

test('finds the list by its name', async () => {
  for (const type of ['Create', 'Update'] as const)
    expect(await deploy(type)).toMatchObject({ Status: 'SUCCESS', Data: { Id: 'pl-1' } });
  expect(ec2.calls.at(-1)?.values).toMatchObject({
    'Filter.1.Name': 'prefix-list-name',
    'Filter.1.Value.1': 'com.amazonaws.us-east-1.s3',
  });
});

test('fails the deploy when the region has no such list, and says which', async () => {
  lists = '';
  expect(await deploy('Create')).toMatchObject({
    Status: 'FAILED',
    Reason: 'AWS has no prefix list named com.amazonaws.us-east-1.s3 in this region',
  });
});

test('asks for nothing when it is deleted', async () => {
  ec2.calls.splice(0);
  expect(await deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.calls).toEqual([]);
});

test('CDK-15: waits while the permission to look for lists is on its way', async () => {
  ec2.denials.set('DescribeManagedPrefixLists', ['UnauthorizedOperation', 'UnauthorizedOperation']);
  expect(await deploy('Create')).toMatchObject({ Status: 'SUCCESS', Data: { Id: 'pl-1' } });
});

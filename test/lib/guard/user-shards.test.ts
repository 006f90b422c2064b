import { type ShardCall, shardAnswer } from '../../../lambda/data-migration/shards/calls';
import { openShardControl, type ShardControl } from '../../../lambda/data-migration/shards/control';
import { changeMap, readMap } from '../../../lambda/users/sharding/shard-map';
import { handler } from '../../../lib/guard/guard.handler';
import { dividedShards, type Shards } from '../../lambda/users/sharding/shards';
import { type Engine, engines } from '../../support/engines';
import { LambdaApi } from '../../support/lambda-api';
import { AwsServer, lambdaEnvironment, refused, stackInState } from '../aws';
import { ResponseServer } from '../response-server';

const address = new ResponseServer();
let cloudFormation: AwsServer;
let lambda: LambdaApi;
let state: string;
let shards: Shards;
let control: ShardControl;
/** False: no second shard was ever deployed. */
let isDeployed: boolean;

beforeAll(async () => {
  await address.start();
  lambda = await LambdaApi.start();
  lambda.deploy('mover', (event) => shardAnswer(control, event as ShardCall));
  cloudFormation = await AwsServer.start(({ values }) => {
    if (values.StackName !== 'Shop-Data') return state ? stackInState(state) : refused('InternalFailure');
    const output = isDeployed
      ? '<Outputs><member><OutputKey>ShardFunctionName</OutputKey><OutputValue>mover</OutputValue></member></Outputs>'
      : '';
    return { body: stackInState('UPDATE_COMPLETE').body.replace('</member>', `${output}</member>`) };
  });
  lambdaEnvironment({
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
  });
  const [sqlite] = engines() as [Engine];
  shards = await dividedShards(sqlite, ['users-1', 'users-2']);
  const { table, sql } = shards;
  control = openShardControl({ table, shards: sql, home: async () => 'own', settleMs: 0, leaseMs: 1 });
});
beforeEach(() => {
  state = 'UPDATE_IN_PROGRESS';
  isDeployed = true;
  jest.spyOn(console, 'log').mockImplementation();
});

const of = (shardCount?: string) => ({
  Phase: '6',
  ...(shardCount && { UserShards: shardCount, UserShardsIn: 'Shop-Data' }),
});
async function deploy(from: string | undefined, to: string) {
  await handler(address.event('Update', of(to), of(from)));
  return address.answer();
}
const map = () => readMap(shards.table);
const everythingOn = async (index: number) => {
  const { homes } = await map();
  await changeMap(shards.table, await map(), { homes: homes.map(() => index) });
};

test('lets the number of shards stay and grow, and asks nobody', async () => {
  const before = lambda.events.length;
  expect(await deploy('2', '2')).toMatchObject({ Status: 'SUCCESS' });
  expect(await deploy('1', '3')).toMatchObject({ Status: 'SUCCESS' });
  expect(lambda.events).toHaveLength(before);
});

test('refuses fewer shards while one that would leave has users, and says which and what to do', async () => {
  const was = await map();
  expect(await deploy('2', '1')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(
      /"userShards": 1 was requested.* users-2 \(512 buckets\).*shards -- move 0-1023 users-1/,
    ),
  });
  expect(await map()).toEqual(was);
});

test('refuses it too where the deployed template does not say how many there are', async () => {
  expect(await deploy(undefined, '1')).toMatchObject({ Status: 'FAILED' });
  isDeployed = false;
  expect(await deploy(undefined, '1')).toMatchObject({ Status: 'SUCCESS' });
});

test('refuses it while a bucket is on its way, also to a shard that stays', async () => {
  await everythingOn(0);
  await changeMap(shards.table, await map(), { moving: { 7: { to: 0, id: 'a move' } } });
  expect(await deploy('2', '1')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('users-1 (1 buckets)'),
  });
  await changeMap(shards.table, await map(), { moving: {} });
});

test('does not stand in the way of a rollback', async () => {
  await everythingOn(1);
  state = 'UPDATE_ROLLBACK_IN_PROGRESS';
  expect(await deploy('2', '1')).toMatchObject({ Status: 'SUCCESS' });
  expect((await map()).shards).toEqual(['users-1', 'users-2']);
});

test('refuses when it cannot find out where users are', async () => {
  await everythingOn(0);
  lambda.deploy('mover', async () => {
    throw new Error('The table does not answer');
  });
  expect(await deploy('2', '1')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('mover failed: The table does not answer'),
  });
  lambda.deploy('mover', (event) => shardAnswer(control, event as ShardCall));
});

test('lets a shard without users leave, to which no bucket goes from then on until it is added again', async () => {
  await everythingOn(0);
  expect(await deploy('2', '1')).toMatchObject({ Status: 'SUCCESS' });
  expect((await map()).shards).toEqual(['users-1']);
  await expect(control.move([4], 'users-2')).rejects.toThrow('There is no shard "users-2"');
  await control.add('users-2', '');
  expect((await control.list()).shards).toContainEqual({ name: 'users-2', buckets: 0, added: true });
});

test('keeps the places of the others when one in their middle leaves', async () => {
  const { table } = shards;
  const homes = Array.from({ length: 1024 }, (_, bucket) => (bucket % 2) * 2);
  await changeMap(table, await map(), { shards: ['users-1', 'users-3', 'users-2'], homes, moving: {} });
  expect(await deploy('3', '2')).toMatchObject({ Status: 'SUCCESS' });
  const { shards: names, homes: now } = await map();
  expect([names, now[0], now[1]]).toEqual([['users-1', 'users-2'], 0, 1]);
});

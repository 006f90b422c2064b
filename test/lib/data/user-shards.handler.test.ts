import type { Home } from '../../../lambda/data-migration/federation/home';
import { FEDERATION_KEY } from '../../../lambda/data-migration/object-keys';
import { s3Marker } from '../../../lambda/data-migration/placement/marker-s3';
import type { ShardCall } from '../../../lambda/data-migration/shards/calls';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../lambda/users/migrations';
import { bucketOf } from '../../../lambda/users/sharding/buckets';
import { DIRECTORY_TABLE } from '../../../lambda/users/sharding/shard-map';
import { handler as shards } from '../../../lib/data/user-shards.handler';
import { createTables } from '../../../local/servers/dynamodb-server';
import { shardCommand } from '../../../operate/shards/command';
import { deployedShards } from '../../../operate/shards/deployed';
import { startConditionalS3 } from '../../lambda/data-migration/conditional-s3';
import { dynamoDb, tableConfig } from '../../lambda/shared/tables/tables';
import { closing } from '../../support/cleanup';
import { openAdmin } from '../../support/database-users';
import { serverEngines } from '../../support/engines';
import { LambdaApi } from '../../support/lambda-api';
import { AwsServer, lambdaEnvironment } from '../aws';
import { SecretsManager } from '../secrets-manager';

const BUCKET = 'deployments';
const PEOPLE = 200;
const NAMES = ['users-1', 'users-2'] as const;
/** The last of the servers stands for Aurora; both clusters have the schema by its real name. */
const [managed] = serverEngines().slice(-1);

(managed ? describe : describe.skip)('npm run shards, on AWS', () => {
  const sql = {} as Record<(typeof NAMES)[number], Sql>;

  beforeAll(async () => {
    if (!managed) return;
    const secrets = await SecretsManager.start();
    const urls: string[] = [];
    for (const name of NAMES) {
      const { socket } = managed.launch();
      const admin = await openAdmin(socket);
      await admin.query(`CREATE USER users_app IDENTIFIED BY '${name}'`);
      await admin.query('CREATE DATABASE users CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
      await admin.query('GRANT ALL ON users.* TO users_app');
      const path = `socketPath=${encodeURIComponent(socket)}`;
      sql[name] = closing(await openSql(`mysql://users_app:${name}@localhost/users?${path}`));
      await migrate(sql[name], usersMigrations);
      secrets.set(name, { username: 'users_app', password: name });
      urls.push(`${name}=mysql://localhost/users?${path}&secret=${name}`);
    }
    for (let n = 0; n < PEOPLE; n++)
      await sql['users-1'].execute(
        "INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES (?, ?, 'Sam', 'customer', '', 0)",
        [`0198${String(n).padStart(4, '0')}-0000-7000-8000-000000000000`, `person-${n}@example.com`],
      );
    const { url } = await dynamoDb();
    await createTables({ directory: DIRECTORY_TABLE }, tableConfig(url));
    const s3 = await startConditionalS3();
    await s3.createBucket(BUCKET);
    const own = { data: 'own', since: new Date().toISOString(), by: 'test' } as const;
    await s3Marker<Home>(s3.client, BUCKET, FEDERATION_KEY).write(own, undefined);
    const lambda = await LambdaApi.start();
    lambda.deploy('shards', (event) => shards(event as ShardCall, {}, null));
    const cloudFormation = await AwsServer.start(() => ({
      body: '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>Shop-Data</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs><member><OutputKey>ShardFunctionName</OutputKey><OutputValue>shards</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>',
    }));
    lambdaEnvironment({
      AWS_ENDPOINT_URL_S3: s3.config.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
      AWS_ENDPOINT_URL_DYNAMODB: url,
      DIRECTORY_TABLE: 'directory',
      USERS_SHARDS: urls.join(' '),
      BUCKET,
    });
  }, 120_000);

  const run = async (...words: string[]) => {
    let text = '';
    await shardCommand(words, deployedShards('Shop', 'us-east-1'), {
      write: (more: string) => (text += more),
    });
    return text;
  };

  test('divides the users of the first cluster over two, through the function', async () => {
    expect(await run('list')).toContain('The users are not divided.');
    expect(await run('add', 'users-1')).toContain('users-1 is a shard.');
    expect(await run('add', 'users-2')).toContain('users-2 is a shard.');
    expect(await run('move', '0-31', 'users-2')).toContain('32 of 32  100 %');
    const idsOf = async (name: (typeof NAMES)[number]) =>
      (await sql[name].query<{ id: string }>('SELECT id FROM users')).map(({ id }) => id);
    const [stayed, moved] = [await idsOf('users-1'), await idsOf('users-2')];
    expect(stayed.length + moved.length).toBe(PEOPLE);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.filter((id) => bucketOf(id) >= 32)).toEqual([]);
    expect(stayed.filter((id) => bucketOf(id) < 32)).toEqual([]);
    expect(await run('skew')).toMatch(/users-1 +\d+ accounts/);
  });

  test('says in words why a call failed', async () => {
    await expect(run('add', 'users-9')).rejects.toThrow('There is no cluster "users-9"');
  });
});

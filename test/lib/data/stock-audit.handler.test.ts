import { randomBytes } from 'node:crypto';
import { s3Marker } from '../../../lambda/data-migration/placement/marker-s3';
import { FIRST } from '../../../lambda/data-migration/placement/placement';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import type { Discrepancy } from '../../../lambda/inventory/stock/stock-audit';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { handler as audit } from '../../../lib/data/stock-audit.handler';
import { callDeployed } from '../../../operate/aws/call-deployed';
import { type ConditionalS3, startConditionalS3 } from '../../lambda/data-migration/conditional-s3';
import { closing } from '../../support/cleanup';
import { openAdmin } from '../../support/database-users';
import { serverEngines } from '../../support/engines';
import { LambdaApi } from '../../support/lambda-api';
import { AwsServer, lambdaEnvironment } from '../aws';
import { SecretsManager } from '../secrets-manager';

/** The last of the servers stands for Aurora; it has the schema by its real name. */
const [managed] = serverEngines().slice(-1);

(managed ? describe : describe.skip)('npm run check-stock, on AWS', () => {
  let sql: Sql;
  let s3: ConditionalS3;
  let bucket: string;

  beforeAll(async () => {
    if (!managed) return;
    const { socket } = managed.launch();
    const admin = await openAdmin(socket);
    await admin.query("CREATE USER inventory_app IDENTIFIED BY 'app'");
    await admin.query('CREATE DATABASE inventory CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    await admin.query('GRANT ALL ON inventory.* TO inventory_app');
    const path = `socketPath=${encodeURIComponent(socket)}`;
    sql = closing(await openSql(`mysql://inventory_app:app@localhost/inventory?${path}`));
    await migrate(sql, inventoryMigrations);
    await sql.execute(
      'INSERT INTO stock (product_id, on_hand, reserved, revision, changed_at) VALUES (?, 0, 0, 1, 0)',
      ['p'],
    );
    const secrets = await SecretsManager.start();
    secrets.set('inventory', { username: 'inventory_app', password: 'app' });
    s3 = await startConditionalS3();
    const lambda = await LambdaApi.start();
    lambda.deploy('audit', (event) => audit(event as object, {}, null));
    const cloudFormation = await AwsServer.start(() => ({
      body: '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>Shop-Data</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs><member><OutputKey>StockAuditFunctionName</OutputKey><OutputValue>audit</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>',
    }));
    lambdaEnvironment({
      AWS_ENDPOINT_URL_S3: s3.config.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
      DATABASE: `mysql://localhost?${path}`,
      INVENTORY_ACCOUNT: 'inventory',
    });
  }, 60_000);
  beforeEach(async () => {
    bucket = `deployments-${randomBytes(4).toString('hex')}`;
    await s3.createBucket(bucket);
    lambdaEnvironment({ BUCKET: bucket });
  });

  const check = (output = 'StockAuditFunctionName') =>
    callDeployed<Discrepancy[]>({ shop: 'Shop', region: 'us-east-1', output, phase: 2 }, {});

  test('finds nothing where the stock is what the ledger says, and the product where it is not', async () => {
    await s3Marker(s3.client, bucket).write({ ...FIRST, data: 'managed' }, undefined);
    expect(await check()).toEqual([]);
    await sql.execute("UPDATE stock SET on_hand = 3 WHERE product_id = 'p'");
    expect(JSON.stringify(await check())).toContain('"p"');
    await sql.execute("UPDATE stock SET on_hand = 0 WHERE product_id = 'p'");
  });

  test('says where to ask while the data is on the box', async () => {
    await expect(check()).rejects.toThrow(/as root: .*check-stock\.js/);
  });

  test('says which phase has the function that is missing', async () => {
    await expect(check('Other')).rejects.toThrow(
      'The stack Shop-Data has no output Other: deploy phase 2 first',
    );
  });
});

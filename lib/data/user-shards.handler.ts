import { S3Client } from '@aws-sdk/client-s3';
import { AT_FIRST, type Home } from '../../lambda/data-migration/federation/home';
import { FEDERATION_KEY } from '../../lambda/data-migration/object-keys';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import { type ShardCall, type ShardResult, shardAnswer } from '../../lambda/data-migration/shards/calls';
import { openShardControl } from '../../lambda/data-migration/shards/control';
import { namedUrls } from '../../lambda/shared/runtime/settings';
import { rdsTls, type Tls } from '../../lambda/shared/sql/rds-tls';
import { openSecretMysql } from '../../lambda/shared/sql/rotating-credentials';
import { openDynamoDbTable } from '../../lambda/shared/tables/dynamodb-table';
import { DIRECTORY_TABLE } from '../../lambda/users/sharding/shard-map';
import { whenAllowed } from '../custom-resource/when-allowed';

/** A call answers so soon, so that people see how far their command is, and long before the function ends. */
const SLICE_MS = 20_000;

/** Beside the shards, in the VPC: adds them, moves buckets and counts. IAM alone decides who may invoke it. */
export async function handler(
  event: ShardCall,
  _context?: object,
  tls: Tls | null = rdsTls,
): Promise<ShardResult> {
  const { BUCKET = '', DIRECTORY_TABLE: name = '', USERS_SHARDS } = process.env;
  const marker = s3Marker<Home>(new S3Client(), BUCKET, FEDERATION_KEY);
  const table = openDynamoDbTable({ definition: DIRECTORY_TABLE, name });
  const opened = namedUrls(USERS_SHARDS).map(
    ([shard, url]) => [shard, openSecretMysql(url, { tls, use: 'maintenance' })] as const,
  );
  const until = performance.now() + SLICE_MS;
  try {
    const control = openShardControl({
      ...{ table, shards: Object.fromEntries(opened) },
      home: async () => ((await marker.read())?.placement ?? AT_FIRST).data,
      late: () => performance.now() > until,
    });
    // Called right after a deploy, its permissions may still be on their way; every call may be repeated.
    return await whenAllowed(() => shardAnswer(control, event));
  } finally {
    table.close();
    await Promise.all(opened.map(([, sql]) => sql.close()));
  }
}

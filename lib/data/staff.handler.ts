import { S3Client } from '@aws-sdk/client-s3';
import { openMailbox } from '../../lambda/data-migration/control/mailbox';
import { federatedSql } from '../../lambda/data-migration/federation/federated-sql';
import { followPlacement } from '../../lambda/data-migration/federation/follower';
import { AT_FIRST, type Home } from '../../lambda/data-migration/federation/home';
import { FEDERATION_KEY } from '../../lambda/data-migration/object-keys';
import { outsideWrite } from '../../lambda/data-migration/outside-write';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import type { Place } from '../../lambda/data-migration/placement/placement';
import { openShardedUsers } from '../../lambda/hosts/users-store';
import { createLog } from '../../lambda/shared/runtime/log';
import { namedUrls } from '../../lambda/shared/runtime/settings';
import { rdsTls, type Tls } from '../../lambda/shared/sql/rds-tls';
import { openSecretMysql } from '../../lambda/shared/sql/rotating-credentials';
import type { Sql } from '../../lambda/shared/sql/sql';
import { openDynamoDbTable } from '../../lambda/shared/tables/dynamodb-table';
import { DIRECTORY_TABLE } from '../../lambda/users/sharding/shard-map';
import { singleShard, type UserShards } from '../../lambda/users/sharding/user-shards';
import { grantStaff } from '../../lambda/users/staff';
import { whenAllowed } from '../custom-resource/when-allowed';

export interface StaffEvent {
  /** Of a registered person. */
  readonly email: string;
}

/** This function does not reach the data. */
class DataOnBoxError extends Error {
  override readonly name = 'DataOnBoxError';
  constructor() {
    super("The shop's data is on the box. There, as root: /opt/shop/host/run.sh app staff.js <e-mail>");
  }
}

/** Makes a registered person staff in the managed database. IAM alone decides who may invoke it. */
export async function handler(
  event: StaffEvent,
  _context?: object,
  tls: Tls | null = rdsTls,
): Promise<{ message: string }> {
  const { email } = event;
  if (typeof email !== 'string' || email === '') {
    throw new Error(`Expected {"email": "<e-mail of a registered person>"}, not ${JSON.stringify(event)}`);
  }
  const { BUCKET = '' } = process.env;
  const s3 = new S3Client();
  const stored = { marker: s3Marker(s3, BUCKET), mailbox: openMailbox(s3, BUCKET) };
  const grant = async (place: Place) => {
    if (place === 'box') throw new DataOnBoxError();
    const sql = await openUsers(s3, BUCKET, tls);
    try {
      await grantStaff(sql, log, email);
    } finally {
      await sql.close();
    }
  };
  // Called right after a deploy, its permissions may still be on their way; granting is idempotent.
  await whenAllowed(() => outsideWrite(stored, grant));
  return { message: `${email} is staff now; sessions that were open know it at once.` };
}

const log = createLog();

/** Opens the cluster that the marker names, if users have one, and the shards of the map, if there are several. */
async function openUsers(
  s3: S3Client,
  bucket: string,
  tls: Tls | null,
): Promise<UserShards & { close(): Promise<void> }> {
  const { DIRECTORY_TABLE: name, USERS_SHARDS } = process.env;
  const alone = await openUndivided(s3, bucket, tls);
  if (!name) return { ...singleShard(alone), close: alone.close };
  const shards = namedUrls(USERS_SHARDS).map(
    ([shard, url]) => [shard, openSecretMysql(url, { tls })] as const,
  );
  const table = openDynamoDbTable({ definition: DIRECTORY_TABLE, name });
  return openShardedUsers(table, alone, Object.fromEntries(shards));
}

async function openUndivided(s3: S3Client, bucket: string, tls: Tls | null): Promise<Sql> {
  const { DATABASE = '', USERS_ACCOUNT = '', OWN_DATABASE, OWN_USERS_ACCOUNT = '' } = process.env;
  const open = (server: string, account: string) => {
    const url = new URL(server);
    url.pathname = '/users';
    url.searchParams.set('secret', account);
    return openSecretMysql(url.href, { tls });
  };
  const shared = open(DATABASE, USERS_ACCOUNT);
  if (!OWN_DATABASE) return shared;
  const own = open(OWN_DATABASE, OWN_USERS_ACCOUNT);
  const follower = await followPlacement(s3Marker<Home>(s3, bucket, FEDERATION_KEY), AT_FIRST, log);
  const sql = federatedSql({ sides: { shared, own }, follower });
  return {
    ...sql,
    close: async () => {
      await follower.stop();
      await sql.close();
    },
  };
}

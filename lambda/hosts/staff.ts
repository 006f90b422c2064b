import { S3Client } from '@aws-sdk/client-s3';
import { openMailbox } from '../data-migration/control/mailbox';
import { outsideWrite } from '../data-migration/outside-write';
import { s3Marker } from '../data-migration/placement/marker-s3';
import type { Place } from '../data-migration/placement/placement';
import { createLog } from '../shared/runtime/log';
import { required, SETTING } from '../shared/runtime/settings';
import { openSql } from '../shared/sql/open';

import { grantStaff } from '../users/staff';

/**
 * `node staff.js you@example.com`: makes a registered person staff, on the side that has the data. The API cannot do
 * this.
 */
async function main([email, ...rest]: string[]): Promise<void> {
  if (!email || rest.length > 0) throw new Error('Usage: node staff.js <e-mail of a registered person>');
  const bucket = process.env[SETTING.placementBucket];
  const grant = (place: Place) => grantIn(required(process.env, DATABASES[place]), email);
  await (bucket ? outsideWrite(storedIn(bucket), grant) : grant('box'));
  console.log(`${email} is staff now; sessions that were open know it at once.`);
}

/** The first schema, if there is only one database. */
const DATABASES: Readonly<Record<Place, string>> = {
  box: SETTING.usersDatabase,
  managed: SETTING.managedUsersDatabase,
};

function storedIn(bucket: string) {
  const client = new S3Client();
  return { marker: s3Marker(client, bucket), mailbox: openMailbox(client, bucket) };
}

async function grantIn(url: string, email: string): Promise<void> {
  const sql = await openSql(url);
  try {
    await grantStaff(sql, createLog(), email);
  } finally {
    await sql.close();
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

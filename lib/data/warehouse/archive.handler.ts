import { type HereCall, type HereResult, hereAnswer } from '../../../lambda/archive/calls';
import { openHere } from '../../../lambda/archive/control';
import { openS3Blobs } from '../../../lambda/shared/blobs/s3';
import { rdsTls, type Tls } from '../../../lambda/shared/sql/rds-tls';
import { openSecretMysql } from '../../../lambda/shared/sql/rotating-credentials';
import { whenAllowed } from '../../custom-resource/when-allowed';

/** A file is begun only if so much time is left: reading, packing and storing it takes seconds. */
const RESERVE_MS = 120_000;

/** Beside the database, in the VPC: it exports what is old and drops what was archived, and answers what is here. */
export async function handler(
  event: HereCall,
  context: { getRemainingTimeInMillis(): number },
  tls: Tls | null = rdsTls,
): Promise<HereResult> {
  const { DATABASE = '', MASTER = '', BUCKET = '', KEPT_MONTHS } = process.env;
  const url = new URL(DATABASE);
  url.pathname = '/inventory';
  url.searchParams.set('secret', MASTER);
  const sql = openSecretMysql(url.href, { tls, use: 'maintenance' });
  try {
    const here = openHere({
      ...{ sql, blobs: openS3Blobs(BUCKET), now: Date.now, keptMonths: Number(KEPT_MONTHS) },
      late: () => context.getRemainingTimeInMillis() < RESERVE_MS,
    });
    // Called right after a deploy, its permissions may still be on their way; every call may be repeated.
    const result = await whenAllowed(() => hereAnswer(here, event));
    if (event.call === 'advance') console.log(JSON.stringify({ msg: 'archive', state: result }));
    return result;
  } finally {
    await sql.close();
  }
}

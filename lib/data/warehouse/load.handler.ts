import { type ThereCall, type ThereResult, thereAnswer } from '../../../lambda/archive/calls';
import { openThere } from '../../../lambda/archive/control';
import { openRedshift } from '../../../lambda/archive/redshift';
import { openS3Blobs } from '../../../lambda/shared/blobs/s3';
import { whenAllowed } from '../../custom-resource/when-allowed';

/** A batch is begun only if so much time is left; a load goes on without this function, and the next call finds it. */
const RESERVE_MS = 300_000;

/** Beside the warehouse, outside of the VPC: it loads, counts and sums up, and answers what is there. */
export async function handler(
  event: ThereCall,
  context: { getRemainingTimeInMillis(): number },
): Promise<ThereResult> {
  const { WORKGROUP = '', WAREHOUSE = '', BUCKET = '', LOAD_ROLE = '' } = process.env;
  const warehouse = openRedshift({
    ...{ workgroup: WORKGROUP, database: WAREHOUSE, bucket: BUCKET, roleArn: LOAD_ROLE },
  });
  try {
    const there = openThere({
      ...{ warehouse, blobs: openS3Blobs(BUCKET) },
      late: () => context.getRemainingTimeInMillis() < RESERVE_MS,
    });
    // Called right after a deploy, its permissions may still be on their way; every call may be repeated.
    const result = await whenAllowed(() => thereAnswer(there, event));
    if (event.call === 'load') console.log(JSON.stringify({ msg: 'warehouse', loaded: result }));
    return result;
  } finally {
    await warehouse.close();
  }
}

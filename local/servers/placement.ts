import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PLACEMENT_KEY } from '../../lambda/move/marker-s3';
import { FIRST, type Place, type Placement } from '../../lambda/move/placement';
import { BUCKETS } from './local-s3';
import { keptObjects } from './objects';

const MARKER = `/${BUCKETS.deployments}/${PLACEMENT_KEY}`;

/** What the S3 of a shop keeps, below its folder. */
export const s3Folder = (home: string): string => join(home, 's3');

/** Where the data of a shop is that does not run. */
export function placementIn(home: string): Place {
  const folder = s3Folder(home);
  const marker = existsSync(folder) && keptObjects(folder).get(MARKER);
  const { data }: Placement = marker ? JSON.parse(marker.body.toString()) : FIRST;
  return data;
}

/** Where the data of a shop is that begins without a box; before its S3 starts. */
export function beginManaged(home: string): void {
  const placement: Placement = { data: 'managed', since: new Date().toISOString(), by: 'its first start' };
  const body = Buffer.from(JSON.stringify(placement));
  keptObjects(s3Folder(home)).keep({ path: MARKER, type: 'application/json', body });
}

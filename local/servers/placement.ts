import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AT_FIRST, type Home } from '../../lambda/data-migration/federation/home';
import { FEDERATION_KEY, PLACEMENT_KEY } from '../../lambda/data-migration/object-keys';
import { FIRST, type Place, type Placement } from '../../lambda/data-migration/placement/placement';
import { BUCKETS } from './local-aws';
import { keptObjects } from './objects';

const MARKER = `/${BUCKETS.deployments}/${PLACEMENT_KEY}`;

/** The stored objects of a shop's S3. */
export const s3Folder = (home: string): string => join(home, 's3');

/** The placement of the data of a stopped shop. */
export function placementIn(home: string): Place {
  const folder = s3Folder(home);
  const marker = existsSync(folder) && keptObjects(folder).get(MARKER);
  const { data }: Placement = marker ? JSON.parse(marker.body.toString()) : FIRST;
  return data;
}

/** The placement of the users of a stopped shop. */
export function usersPlacementIn(home: string): Home {
  const folder = s3Folder(home);
  const marker = existsSync(folder) && keptObjects(folder).get(`/${BUCKETS.deployments}/${FEDERATION_KEY}`);
  const { data }: Placement<Home> = marker ? JSON.parse(marker.body.toString()) : AT_FIRST;
  return data;
}

/** Sets the placement of a new shop without a box. Call before its S3 starts. */
export function beginManaged(home: string): void {
  const placement: Placement = { data: 'managed', since: new Date().toISOString(), by: 'its first start' };
  const body = Buffer.from(JSON.stringify(placement));
  keptObjects(s3Folder(home)).keep({ path: MARKER, type: 'application/json', body });
}

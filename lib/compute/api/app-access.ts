import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Cache } from '../../data/cache';
import type { ManagedDatabase } from '../../data/managed-database';
import type { PhotoStore } from '../../data/photo-store';
import { type Account, schemasOf } from '../../data/schemas';
import type { UserShards } from '../../data/user-shards';
import { deploymentKeys } from '../../names';
import type { AppGroupPlan } from '../../phases';
import { suppressNag } from '../../suppress-nag';

/** The data that processes of the app work with. */
export interface AppData {
  readonly database: ManagedDatabase;
  /** Present once the users have a cluster of their own, or are about to. */
  readonly users?: UsersHome | undefined;
  readonly cache?: Cache | undefined;
  /** The bucket of photos. */
  readonly media: IBucket;
  /** Absent while photos are in the database. */
  readonly photos?: PhotoStore | undefined;
  /** Origins of other front ends whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** The cluster of the users, and the bucket with the marker that says whether they are there. */
export interface UsersHome {
  readonly database: ManagedDatabase;
  readonly deployments: IBucket;
  /** Present once users may be divided. */
  readonly shards?: UserShards | undefined;
}

/** Lets a role reach the data of its service, and that of no other: to read it, or to change it too. */
export function grantData(
  role: Role,
  { service, access }: Pick<AppGroupPlan, 'service' | 'access'>,
  { database, users, cache, media, photos }: AppData,
): void {
  const account = access === 'read' ? 'reader' : 'app';
  database.grantConnect(role, account, schemasOf(service));
  if (users && service !== 'inventory') grantUsers(role, account, users);
  cache?.grantConnect(role, { service, access });
  if (service === 'users') return;
  photos?.table.allow(role, ...(access === 'write' ? (['read', 'write'] as const) : (['read'] as const)));
  if (access !== 'write') return;
  grantPhotos(role, media);
  if (photos) {
    const actions = ['sqs:SendMessage', 'sqs:GetQueueAttributes'];
    role.addToPolicy(new PolicyStatement({ actions, resources: [photos.queue.queueArn] }));
  }
}

function grantUsers(role: Role, account: Account, { database, deployments, shards }: UsersHome): void {
  database.grantConnect(role, account, ['users']);
  shards?.grantConnect(role, account);
  const allow = (actions: string[], resource: string) =>
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
  allow(['s3:GetObject'], deployments.arnForObjects(deploymentKeys.federation));
  // Without it a missing marker would read as "forbidden".
  allow(['s3:ListBucket'], deployments.bucketArn);
}

/** Access to upload, resize and delete photos. */
export function grantPhotos(role: Role, media: IBucket): void {
  const allow = (actions: string[], resource: string) =>
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
  allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], media.arnForObjects('*'));
  allow(['s3:ListBucket'], media.bucketArn);
  suppressNag(
    role,
    `AwsSolutions-IAM5[Resource::${Stack.of(media).stackName}:ExportsOutputFnGetAttContentMedia14FBA27DArn84543EAE/*]`,
    'The app generates a separate key for every photo.',
  );
}

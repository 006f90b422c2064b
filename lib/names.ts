import {
  FEDERATION_KEY,
  federationKeys,
  moveKeys,
  PLACEMENT_KEY,
} from '../lambda/data-migration/object-keys';

/** Names shared by infrastructure, functions and commands. Nothing here imports the CDK. */

/** The shop's name without `-c name`. */
export const DEFAULT_SHOP = 'Shop';

/** The parts of a shop; each is a stack of its own. */
export type StackPart =
  | 'Network'
  | 'Data'
  | 'Services'
  | 'Global'
  | 'Edge'
  | 'EdgeAlarms'
  | 'Operations'
  | 'Pipeline';

/** The name of a stack in CloudFormation: `Shop-Data`. */
export const stackName = (shop: string, part: StackPart): string => `${shop}-${part}`;

/** The shop that a stack belongs to. */
export const shopOf = (stack: string): string => stack.slice(0, stack.lastIndexOf('-'));

/** The tag of volumes with daily snapshots, and of the snapshots. */
export const SNAPSHOT_TAG = 'shop:snapshots';

/** Each shop has its own value, or shops would snapshot each other's volumes. */
export const snapshotTagValue = (shop: string): string => (shop === DEFAULT_SHOP ? 'daily' : `${shop}-daily`);

/** The region of everything that CloudFront takes from there alone, and reports to. */
export const EDGE_REGION = 'us-east-1';

/** Stacks that are there, wherever the shop is. */
export const isInEdgeRegion = (part: StackPart): boolean => part === 'Global' || part === 'EdgeAlarms';

/** The stacks of a phase, in the order of a deploy. */
export function partsOf(hasCdn: boolean, hasDomain: boolean, region: string): StackPart[] {
  const global: StackPart[] = hasCdn ? ['Global'] : [];
  const edge: StackPart[] = hasCdn || hasDomain ? ['Edge'] : [];
  const alarms: StackPart[] = hasCdn && region !== EDGE_REGION ? ['EdgeAlarms'] : [];
  return ['Network', 'Data', 'Services', ...global, ...edge, ...alarms, 'Operations'];
}

/** Outputs that commands and functions look up. */
export const OUTPUT = {
  deploymentsBucket: 'DeploymentsBucketName',
  url: 'Url',
  staffFunction: 'StaffFunctionName',
  rebuildFunction: 'RebuildFunctionName',
  stockAuditFunction: 'StockAuditFunctionName',
  federationFunction: 'FederationFunctionName',
  shardFunction: 'ShardFunctionName',
  followsUsers: 'FollowsUsers',
  archiveFunction: 'ArchiveFunctionName',
  warehouseFunction: 'WarehouseFunctionName',
  photoTable: 'PhotoTableName',
  photoQueue: 'PhotoQueueUrl',
  photoDeadLetters: 'PhotoDeadLettersUrl',
} as const;

/** Keys in the Deployments bucket, shared by the infrastructure, its functions and the scripts on the box. */
export const deploymentKeys = {
  desired: 'desired.json',
  outcome: (deployment: string) => `outcomes/${deployment}.json`,
  /** The machine image of each `imageRelease`. */
  images: 'images.json',
  certificate: 'tls/certificate.pem',
  privateKey: 'tls/key.pem',
  /** The place of the shop's data; written only by the app on the box. */
  placement: PLACEMENT_KEY,
  moveCommand: moveKeys.command,
  moveStatus: moveKeys.status,
  /** The place of the users; written only by the function that moves them. */
  federation: FEDERATION_KEY,
  federationCommand: federationKeys.command,
  federationStatus: federationKeys.status,
} as const;

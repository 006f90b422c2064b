import { isObject, type Resource } from '../../cloudformation';
import { resolveReferences } from '../../resolve-references';
import { fixed, nameOf, type Priced, type Resolver, used } from '../line';
import { HOURS_A_MONTH, quantity } from '../units';

/** Deploys, access logs, and pages of the storefront: small, and not computed from users. */
const SMALL_BUCKET = quantity('GB-month', 1);
/** ElastiCache Serverless bills this much at least. */
const LEAST_CACHE_GIGABYTES = 0.1;

export const data: Readonly<Record<string, Resolver>> = {
  'AWS::RDS::DBCluster': ({ resource, usage, templates, id }) => [
    ...(resource.Properties?.ManageMasterUserPassword === true
      ? [fixed('secret', quantity('month', 1), 'password of the master user')]
      : []),
    // Several clusters divide the rows among them.
    used(
      'rows stored',
      quantity('GB-month', usage.databaseStorage / clusters(templates)),
      `rows of ${nameOf({ id, resource })}`,
    ),
    used(
      'reads and writes of storage',
      quantity('million', usage.databaseRequests / clusters(templates)),
      'reads and writes of database storage',
    ),
  ],
  'AWS::RDS::DBInstance': databaseInstance,
  'AWS::ElastiCache::ServerlessCache': ({ usage }) => [
    fixed(
      'cache memory',
      quantity('GB-hour', LEAST_CACHE_GIGABYTES * HOURS_A_MONTH),
      'Valkey, the least that it bills',
    ),
    used(
      'cache memory',
      quantity('GB-hour', Math.max(0, usage.cacheMemoryGigabytes - LEAST_CACHE_GIGABYTES) * HOURS_A_MONTH),
      'Valkey, copies beyond the least',
    ),
    used('cache work', usage.cacheWork, 'Valkey, its commands'),
  ],
  'AWS::S3::Bucket': bucket,
  'AWS::KMS::Key': ({ resource }) => [
    fixed('key', quantity('month', 1), `key: ${String(resource.Properties?.Description ?? '')}`),
  ],
  'AWS::SecretsManager::Secret': ({ resource }) => [
    fixed('secret', quantity('month', 1), String(resource.Properties?.Description ?? 'secret')),
  ],
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::RedshiftServerless::Workgroup': ({ usage }) => [
    used('warehouse time', usage.warehouse, 'loads and reports of the warehouse'),
  ],
  'AWS::RedshiftServerless::Namespace': ({ usage }) => [
    used('warehouse storage', usage.history, 'history in the warehouse'),
  ],
};

const clusters = (templates: Priced['templates']): number =>
  Object.values(templates)
    .flatMap(({ Resources = {} }) => Object.values(Resources))
    .filter(({ Type }) => Type === 'AWS::RDS::DBCluster').length;

/** The minimum of its cluster, and more as the load needs. Up to promotion tier 1 it follows the writer. */
function databaseInstance({ resource, stack, id, templates, usage }: Priced) {
  const cluster = resolveReferences(resource.Properties?.DBClusterIdentifier, stack, templates).find(
    (one) => one.resource.Type === 'AWS::RDS::DBCluster',
  );
  const minimum = leastCapacity(cluster?.resource);
  const followsWriter = Number(resource.Properties?.PromotionTier ?? 0) <= 1;
  const name = nameOf({ id, resource });
  const { writer, replica } = usage.capacityUnits;
  const wanted = (followsWriter ? Math.max(writer, replica) : replica) / clusters(templates);
  return [
    fixed(
      'capacity unit',
      quantity('unit-hour', minimum * HOURS_A_MONTH),
      `Aurora ${shortName(name)}, the least: ${minimum} capacity units`,
    ),
    used(
      'capacity unit',
      quantity('unit-hour', Math.max(0, wanted - minimum) * HOURS_A_MONTH),
      `Aurora ${shortName(name)}, beyond the least`,
    ),
  ];
}

/** `Managed/Database/Instance1` as `Instance1`; other clusters keep the rest of their path. */
const shortName = (name: string): string => name.replace('Managed/Database/', '');

function leastCapacity(cluster: Resource | undefined): number {
  const scaling = cluster?.Properties?.ServerlessV2ScalingConfiguration;
  if (!isObject(scaling)) throw new Error('A database instance without serverless capacity has no price yet');
  return Number(scaling.MinCapacity);
}

function bucket({ resource, usage, id }: Priced) {
  const name = nameOf({ id, resource });
  if (!name.endsWith('/Media')) return [fixed('objects stored', SMALL_BUCKET, `bucket ${name}, small`)];
  return [
    used('objects stored', usage.photosStored, 'photos and thumbnails'),
    used('objects written', usage.photosWritten, 'photos and thumbnails written'),
    used('objects read', usage.photosRead, 'photos and thumbnails read'),
  ];
}

function table({ usage, templates }: Priced) {
  const tables = Object.values(templates)
    .flatMap(({ Resources = {} }) => Object.values(Resources))
    .filter(({ Type }) => Type.startsWith('AWS::DynamoDB::')).length;
  return [
    used('items read', quantity('million', usage.itemsRead / tables), 'items read'),
    used('items written', quantity('million', usage.itemsWritten / tables), 'items written'),
    used('items stored', quantity('GB-month', usage.itemsStored / tables), 'items stored'),
    used('items backed up', quantity('GB-month', usage.itemsStored / tables), 'items backed up'),
  ];
}

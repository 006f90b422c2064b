import type { Resource } from './cloudformation';

/** The resource types that templates cannot restore, and the loss with each. */
const holds: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'the items of the table',
  'AWS::DynamoDB::Table': 'the items of the table',
  'AWS::EC2::EIP': 'the public address that DNS and clients know',
  'AWS::EC2::Volume': 'the files on the disk',
  'AWS::EFS::FileSystem': 'the files',
  'AWS::ElastiCache::ReplicationGroup':
    'the cached data: the database serves every read until it is warm again',
  'AWS::ElastiCache::ServerlessCache':
    'the cached data: the database serves every read until it is warm again',
  'AWS::KMS::Key': 'everything encrypted with the key',
  'AWS::RDS::DBCluster': 'the rows of the database',
  'AWS::RDS::DBInstance': 'the rows of the database',
  'AWS::Redshift::Cluster': 'the history in the warehouse',
  'AWS::RedshiftServerless::Namespace': 'the history in the warehouse',
  'AWS::Route53::HostedZone': 'the name servers that the registrar points to',
  'AWS::S3::Bucket': 'the objects in the bucket',
  'AWS::SQS::Queue': 'the messages that wait',
  'AWS::SecretsManager::Secret': 'the credentials in use',
};

/** The loss with a resource; undefined if it is stateless. */
export function heldBy(resource: Resource | undefined): string | undefined {
  if (!resource) return undefined;
  // Logs are data only if they are retained: a function's own log group is deleted with the function.
  if (resource.Type === 'AWS::Logs::LogGroup') return keeps(resource.DeletionPolicy) ? 'the logs' : undefined;
  return holds[resource.Type];
}

/** `RetainExceptOnCreate` retains like `Retain` once the resource exists. */
export function keeps(policy: string | undefined): boolean {
  return policy === 'Retain' || policy === 'RetainExceptOnCreate';
}

import type { Resource } from './cloudformation';

/** What a shop cannot get back from its templates, and what is lost with each. */
const holds: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'the items of the table',
  'AWS::DynamoDB::Table': 'the items of the table',
  'AWS::EC2::EIP': 'the public address that DNS and clients know',
  'AWS::EC2::Volume': 'the files on the disk',
  'AWS::EFS::FileSystem': 'the files',
  'AWS::ElastiCache::ReplicationGroup':
    'what is cached: the database takes every read until it is warm again',
  'AWS::ElastiCache::ServerlessCache': 'what is cached: the database takes every read until it is warm again',
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

/** What is lost with a resource; undefined when it holds nothing that a new one would not have. */
export function heldBy(resource: Resource | undefined): string | undefined {
  if (!resource) return undefined;
  // Logs are data only where somebody said so: a function's own log group goes with the function.
  if (resource.Type === 'AWS::Logs::LogGroup') return keeps(resource.DeletionPolicy) ? 'the logs' : undefined;
  return holds[resource.Type];
}

/** `RetainExceptOnCreate` keeps as `Retain` does once the resource stands. */
export function keeps(policy: string | undefined): boolean {
  return policy === 'Retain' || policy === 'RetainExceptOnCreate';
}

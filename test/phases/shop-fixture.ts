import { CfnResource, CustomResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnSecurityGroup, CfnVPC } from 'aws-cdk-lib/aws-ec2';
import { CfnDBCluster, type CfnDBClusterProps } from 'aws-cdk-lib/aws-rds';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { type Synthesis, synthesisOf } from '../../review/synthesis';
import { uncheckedApp } from '../support/unchecked-app';

/** The parts of a small shop. A test changes one of them, as a careless step would. */
const sound = {
  dataStack: 'Data',
  terminationProtection: true,
  database: {} as Partial<CfnDBClusterProps>,
  databaseId: 'Database',
  databaseRemoval: RemovalPolicy.RETAIN,
  bucket: true,
  bucketId: 'Photos',
  bucketRemoval: RemovalPolicy.DESTROY,
  /** True if the services read the bucket's name, through an export of the data stack. */
  bucketIsRead: true,
  /** True if the data stack exports the bucket's name though no stack reads it any more. */
  bucketStaysExported: false,
  vpcCidr: '10.0.0.0/16',
  groupDescription: 'The box',
  guard: true,
  guardFunction: 'guard',
  thingType: 'AWS::SNS::Topic',
  /** Resources that a sound step adds to the services. */
  added: [] as string[],
};

/** Synthesizes a shop of three stacks that refer to each other as the project's stacks do. */
export function shopFixture(change: Partial<typeof sound> = {}): Synthesis {
  const parts = { ...sound, ...change };
  const app = uncheckedApp({
    context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' },
  });
  const { terminationProtection } = parts;
  const network = new Stack(app, 'Network');
  const data = new Stack(app, parts.dataStack, { terminationProtection });
  const services = new Stack(app, 'Services');

  if (parts.guard) {
    const serviceToken = `arn:aws:lambda:us-east-1:111111111111:function:${parts.guardFunction}`;
    new CustomResource(network, 'Guard', { resourceType: 'Custom::PhaseGuard', serviceToken });
  }
  const vpc = new CfnVPC(network, 'Vpc', { cidrBlock: parts.vpcCidr });
  new CfnSecurityGroup(network, 'Box', { vpcId: vpc.ref, groupDescription: parts.groupDescription });

  const database = { engine: 'aurora-mysql', storageEncrypted: true, deletionProtection: true };
  new CfnDBCluster(data, parts.databaseId, { ...database, ...parts.database }).applyRemovalPolicy(
    parts.databaseRemoval,
  );
  if (parts.bucket) {
    const bucket = new Bucket(data, parts.bucketId, { removalPolicy: parts.bucketRemoval });
    if (parts.bucketIsRead) new StringParameter(services, 'Bucket', { stringValue: bucket.bucketName });
    if (parts.bucketStaysExported) data.exportValue(bucket.bucketName);
  }
  new CfnResource(services, 'Thing', { type: parts.thingType });
  for (const name of parts.added) new StringParameter(services, name, { stringValue: name });
  return synthesisOf(app.synth());
}

import './node-version';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { S3Client } from '@aws-sdk/client-s3';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SNSClient } from '@aws-sdk/client-sns';
import { EDGE_REGION } from '../../lib/names';
import { readOnly } from './read-only';

export type Clients = ReturnType<typeof openClients>;

/** The clients of every look-up, with the deployer's credentials; none of them can change anything. */
export function openClients(region: string) {
  const here = { region };
  return {
    autoScaling: readOnly(new AutoScalingClient(here)),
    cloudFormation: readOnly(new CloudFormationClient(here)),
    /** Of the region in which CloudFront's firewall, certificate and alarms are. */
    cloudFormationUsEast1: readOnly(new CloudFormationClient({ region: EDGE_REGION })),
    cloudFront: readOnly(new CloudFrontClient({ region: 'us-east-1' })),
    cloudTrail: readOnly(new CloudTrailClient(here)),
    cloudWatch: readOnly(new CloudWatchClient(here)),
    cloudWatchUsEast1: readOnly(new CloudWatchClient({ region: EDGE_REGION })),
    ec2: readOnly(new EC2Client(here)),
    elb: readOnly(new ElasticLoadBalancingV2Client(here)),
    iam: readOnly(new IAMClient({ region: 'us-east-1' })),
    kms: readOnly(new KMSClient(here)),
    quotas: readOnly(new ServiceQuotasClient(here)),
    rds: readOnly(new RDSClient(here)),
    s3: readOnly(new S3Client(here)),
    sns: readOnly(new SNSClient(here)),
    snsUsEast1: readOnly(new SNSClient({ region: EDGE_REGION })),
  };
}

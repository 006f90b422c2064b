import { type CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import {
  DescribeAddressesCommand,
  DescribeVpcsCommand,
  type EC2Client,
  GetEbsDefaultKmsKeyIdCommand,
  GetEbsEncryptionByDefaultCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRoleCommand, type IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import { GetKeyPolicyCommand, type KMSClient, paginateListGrants } from '@aws-sdk/client-kms';
import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { allOf } from './seen';

export interface QuotaName {
  readonly service: string;
  readonly code: string;
}

export async function quotaOf(client: ServiceQuotasClient, { service, code }: QuotaName): Promise<number> {
  const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode: service, QuotaCode: code }));
  if (Quota?.Value === undefined) throw new Error(`Service Quotas gave no value for ${code}`);
  return Quota.Value;
}

export async function hasRole(client: IAMClient, name: string): Promise<boolean> {
  try {
    await client.send(new GetRoleCommand({ RoleName: name }));
    return true;
  } catch (error) {
    if (error instanceof NoSuchEntityException) return false;
    throw error;
  }
}

export async function addresses(client: EC2Client): Promise<number> {
  return (await client.send(new DescribeAddressesCommand())).Addresses?.length ?? 0;
}

export async function networks(client: EC2Client): Promise<number> {
  return (await client.send(new DescribeVpcsCommand())).Vpcs?.length ?? 0;
}

/** The key of new volumes. `aws`: Amazon's, or none; nothing has to be allowed then. */
export type DefaultKey = 'aws' | { readonly arn: string; readonly letsGroups: boolean };

/** The role with which Auto Scaling starts hosts. */
export const GROUP_ROLE = 'AWSServiceRoleForAutoScaling';

export async function defaultKey(ec2: EC2Client, kms: KMSClient): Promise<DefaultKey> {
  const { EbsEncryptionByDefault } = await ec2.send(new GetEbsEncryptionByDefaultCommand());
  const { KmsKeyId = '' } = await ec2.send(new GetEbsDefaultKmsKeyIdCommand());
  if (!EbsEncryptionByDefault || KmsKeyId === '' || KmsKeyId.endsWith('alias/aws/ebs')) return 'aws';
  const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: KmsKeyId, PolicyName: 'default' }));
  if (Policy.includes(GROUP_ROLE)) return { arn: KmsKeyId, letsGroups: true };
  const grants = (await allOf(paginateListGrants({ client: kms }, { KeyId: KmsKeyId }))).flatMap(
    (page) => page.Grants ?? [],
  );
  const letsGroups = grants.some(({ GranteePrincipal = '' }) => GranteePrincipal.includes(GROUP_ROLE));
  return { arn: KmsKeyId, letsGroups };
}

/** True if the account has a balancer: it may make one then. */
export async function hasBalancer(client: ElasticLoadBalancingV2Client): Promise<boolean> {
  const { LoadBalancers = [] } = await client.send(new DescribeLoadBalancersCommand({ PageSize: 1 }));
  return LoadBalancers.length > 0;
}

export async function hasDistribution(client: CloudFrontClient): Promise<boolean> {
  const { DistributionList } = await client.send(new ListDistributionsCommand({ MaxItems: 1 }));
  return (DistributionList?.Items ?? []).length > 0;
}

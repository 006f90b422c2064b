/** IAM actions of the calls that `npm run preflight` sends: none reads data of customers, or names a person. */
export const PREFLIGHT_ACTIONS = [
  'cloudformation:DescribeStacks',
  'cloudformation:GetTemplate',
  'cloudfront:ListDistributions',
  'ec2:DescribeAddresses',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeInstanceTypeOfferings',
  'ec2:DescribeVpcs',
  'ec2:GetEbsDefaultKmsKeyId',
  'ec2:GetEbsEncryptionByDefault',
  'elasticloadbalancing:DescribeLoadBalancers',
  'iam:GetRole',
  'kms:GetKeyPolicy',
  'kms:ListGrants',
  'rds:DescribeOrderableDBInstanceOptions',
  'servicequotas:GetServiceQuota',
] as const;

/** Of those that `npm run doctor` sends. They show who gets alarms, and who did what in the account. */
export const DOCTOR_ACTIONS = [
  'autoscaling:DescribeAutoScalingGroups',
  'cloudformation:DescribeStacks',
  'cloudformation:GetTemplate',
  'cloudtrail:LookupEvents',
  'cloudwatch:DescribeAlarmHistory',
  'cloudwatch:DescribeAlarms',
  'ec2:DescribeImages',
  'ec2:DescribeInstances',
  'ec2:DescribeSnapshots',
  'rds:DescribeDBClusters',
  'sns:ListSubscriptionsByTopic',
] as const;

/** Denied to the role of a pull request, whatever else it is given later: read secrets or data, or become more. */
export const NEVER_FOR_PULL_REQUESTS = [
  'kms:Decrypt',
  'lambda:GetFunction',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  'logs:GetQueryResults',
  'logs:StartQuery',
  's3:GetObject*',
  'secretsmanager:GetSecretValue',
  'ssm:GetParameter*',
  'sts:AssumeRole',
] as const;

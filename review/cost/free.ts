const CONFIGURATION = 'configuration of a resource that is priced itself';
const NETWORK = 'VPCs, subnets, routes and firewalls cost nothing; endpoints and addresses are priced';
const RIGHTS = 'IAM costs nothing';
const CDN = 'part of a distribution, which is priced by its requests';
const CALLS =
  'called by deploys, alarms and schedules alone, far below the million calls a month that are free; ' +
  'a worker of a queue is priced by its event source mapping';

/** Resource types that cost nothing, and the reason. A type that is neither here nor priced fails. */
export const FREE: Readonly<Record<string, string>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': CONFIGURATION,
  'AWS::ApplicationAutoScaling::ScalingPolicy': CONFIGURATION,
  'AWS::AutoScaling::LifecycleHook': CONFIGURATION,
  'AWS::Budgets::Budget': 'a budget without actions costs nothing',
  'AWS::CDK::Metadata': 'a note of the CDK versions; no resource',
  'AWS::CloudFront::CachePolicy': CDN,
  'AWS::CloudFront::OriginAccessControl': CDN,
  'AWS::CloudFront::OriginRequestPolicy': CDN,
  'AWS::CloudFront::ResponseHeadersPolicy': CDN,
  'AWS::CloudFront::VpcOrigin': CDN,
  'AWS::EC2::FlowLog': 'refused packets alone; their lines are in the logs that hosts write, by the plan',
  'AWS::EC2::InstanceConnectEndpoint': 'EC2 Instance Connect endpoints cost nothing',
  'AWS::EC2::InternetGateway': NETWORK,
  'AWS::EC2::LaunchTemplate': 'priced with the group that uses it',
  'AWS::EC2::Route': NETWORK,
  'AWS::EC2::RouteTable': NETWORK,
  'AWS::EC2::SecurityGroup': NETWORK,
  'AWS::EC2::SecurityGroupEgress': NETWORK,
  'AWS::EC2::SecurityGroupIngress': NETWORK,
  'AWS::EC2::Subnet': NETWORK,
  'AWS::EC2::SubnetRouteTableAssociation': NETWORK,
  'AWS::EC2::VPC': NETWORK,
  'AWS::EC2::VPCGatewayAttachment': NETWORK,
  'AWS::ElastiCache::User': CONFIGURATION,
  'AWS::ElastiCache::UserGroup': CONFIGURATION,
  'AWS::ElasticLoadBalancingV2::Listener': CONFIGURATION,
  'AWS::ElasticLoadBalancingV2::ListenerRule': CONFIGURATION,
  'AWS::ElasticLoadBalancingV2::TargetGroup': CONFIGURATION,
  'AWS::Events::Rule': 'events of AWS services and schedules cost nothing',
  'AWS::IAM::InstanceProfile': RIGHTS,
  'AWS::IAM::ManagedPolicy': RIGHTS,
  'AWS::IAM::OIDCProvider': RIGHTS,
  'AWS::IAM::Policy': RIGHTS,
  'AWS::IAM::Role': RIGHTS,
  'AWS::KMS::Alias': CONFIGURATION,
  'AWS::Lambda::EventInvokeConfig': CONFIGURATION,
  'AWS::Lambda::Function': CALLS,
  'AWS::Lambda::LayerVersion': CONFIGURATION,
  'AWS::Lambda::Permission': RIGHTS,
  'AWS::Lambda::Version': CONFIGURATION,
  'AWS::Logs::MetricFilter': 'its metrics are priced with the alarms that read them',
  'AWS::Logs::QueryDefinition': 'a saved text',
  'AWS::Logs::SubscriptionFilter': 'sends lines that are priced where they are written',
  'AWS::RDS::DBClusterParameterGroup': CONFIGURATION,
  'AWS::RDS::DBSubnetGroup': CONFIGURATION,
  'AWS::Route53::RecordSet': "aliases of CloudFront are free; the zone is the deployer's own",
  'AWS::S3::BucketPolicy': RIGHTS,
  'AWS::SNS::Subscription': 'a thousand e-mails a month are free',
  'AWS::SNS::Topic': 'a thousand e-mails a month are free',
  'AWS::SNS::TopicPolicy': RIGHTS,
  'AWS::SQS::QueuePolicy': RIGHTS,
  'AWS::SSM::Association': CONFIGURATION,
  'AWS::SSM::Parameter': 'standard parameters cost nothing',
  'AWS::Scheduler::Schedule': 'fourteen million calls a month are free',
  'AWS::Scheduler::ScheduleGroup': CONFIGURATION,
  'AWS::SecretsManager::ResourcePolicy': RIGHTS,
  'AWS::SecretsManager::RotationSchedule': CONFIGURATION,
};

/** The reason a type costs nothing; undefined if none is known. */
export function reasonFree(type: string): string | undefined {
  if (type.startsWith('Custom::')) return 'calls a function during a deploy';
  return FREE[type];
}

import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { LoggingRole } from '../function';

/** The id of the region's managed prefix list of S3, asked for at deploy: synthesis looks nothing up (rule C4). */
export class S3PrefixList extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { role, logGroup } = new LoggingRole(this, 'Lookup');
    role.addToPolicy(new PolicyStatement({ actions: ['ec2:DescribeManagedPrefixLists'], resources: ['*'] }));
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'EC2 describes have no resource to narrow to.');
    const lookup = new AwsCustomResource(this, 'PrefixList', {
      resourceType: 'Custom::S3PrefixList',
      onUpdate: {
        service: 'EC2',
        action: 'describeManagedPrefixLists',
        parameters: { Filters: [{ Name: 'prefix-list-name', Values: [`com.amazonaws.${Aws.REGION}.s3`] }] },
        outputPaths: ['PrefixLists.0.PrefixListId'],
        physicalResourceId: PhysicalResourceId.of('s3-prefix-list'),
      },
      installLatestAwsSdk: false,
      timeout: Duration.minutes(1),
      role,
      logGroup,
    });
    lookup.node.addDependency(role);
    this.id = lookup.getResponseField('PrefixLists.0.PrefixListId');
  }
}

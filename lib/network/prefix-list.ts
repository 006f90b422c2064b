import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { LoggingRole } from '../function';

export interface PrefixListProps {
  /** As AWS names it: `com.amazonaws.us-east-1.s3`. */
  readonly listName: string;
  /** Whose addresses it holds: `S3`. */
  readonly of: string;
  /** The lookup of another list in this stack: the CDK makes one function for both, with the role of the first. */
  readonly lookup?: LoggingRole;
}

/** The id of a list of addresses that AWS manages, asked for at deploy: synthesis looks nothing up (rule C4). */
export class PrefixList extends Construct {
  readonly id: string;
  readonly lookup: LoggingRole;

  constructor(scope: Construct, id: string, props: PrefixListProps) {
    super(scope, id);
    this.lookup = props.lookup ?? this.createLookup();
    const { role, logGroup } = this.lookup;
    const list = new AwsCustomResource(this, 'PrefixList', {
      resourceType: `Custom::${props.of}PrefixList`,
      onUpdate: {
        service: 'EC2',
        action: 'describeManagedPrefixLists',
        parameters: { Filters: [{ Name: 'prefix-list-name', Values: [props.listName] }] },
        outputPaths: ['PrefixLists.0.PrefixListId'],
        physicalResourceId: PhysicalResourceId.of(`${props.of.toLowerCase()}-prefix-list`),
      },
      installLatestAwsSdk: false,
      timeout: Duration.minutes(1),
      role,
      logGroup,
    });
    list.node.addDependency(role);
    this.id = list.getResponseField('PrefixLists.0.PrefixListId');
  }

  private createLookup(): LoggingRole {
    const lookup = new LoggingRole(this, 'Lookup');
    lookup.role.addToPolicy(
      new PolicyStatement({ actions: ['ec2:DescribeManagedPrefixLists'], resources: ['*'] }),
    );
    acknowledge(
      lookup.role,
      'AwsSolutions-IAM5[Resource::*]',
      'EC2 describes have no resource to narrow to.',
    );
    return lookup;
  }
}

import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ShopFunction } from '../shop-function';
import { suppressNag } from '../suppress-nag';

export interface PrefixListProps {
  /** The name in AWS, like `com.amazonaws.us-east-1.s3`. */
  readonly listName: string;
  /** The service of the addresses: `S3`. */
  readonly of: string;
  /** The lookup of another list: one function finds all of them. */
  readonly lookup?: IFunction;
}

/** The id of an AWS-managed prefix list, looked up during the deploy: synthesis performs no lookups (rule CDK-4). */
export class PrefixList extends Construct {
  readonly id: string;
  readonly lookup: IFunction;

  constructor(scope: Construct, id: string, props: PrefixListProps) {
    super(scope, id);
    this.lookup = props.lookup ?? this.createLookup();
    // Not `PrefixList`, as a resource of the CDK's own function was named: CloudFormation refuses another function.
    const list = new CustomResource(this, 'PrefixListId', {
      resourceType: `Custom::${props.of}PrefixList`,
      serviceToken: this.lookup.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { ListName: props.listName },
    });
    this.id = list.getAttString('Id');
  }

  private createLookup(): IFunction {
    const lookup = new ShopFunction(this, 'Function', {
      handler: 'prefixList',
      timeout: Duration.minutes(1),
    });
    lookup.addToRolePolicy(
      new PolicyStatement({ actions: ['ec2:DescribeManagedPrefixLists'], resources: ['*'] }),
    );
    suppressNag(this, 'AwsSolutions-IAM5[Resource::*]', 'EC2 describes have no resource to narrow to.');
    return lookup;
  }
}

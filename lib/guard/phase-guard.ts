import { Aws, CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ShopFunction } from '../function';

/** Remembers the deployed phase in the first stack, and stops a deploy that goes down or skips (rule C12). */
export class PhaseGuard extends Construct {
  constructor(scope: Construct, id: string, phase: number) {
    super(scope, id);
    const guard = new ShopFunction(this, 'Function', { handler: 'guard', timeout: Duration.minutes(1) });
    guard.addToRolePolicy(
      new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Aws.STACK_ID] }),
    );
    new CustomResource(this, 'Phase', {
      resourceType: 'Custom::PhaseGuard',
      serviceToken: guard.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { Phase: String(phase) },
    });
  }
}

import { Stack } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import type { CfnLaunchTemplate, ISubnet } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { suppressNag } from '../../suppress-nag';
import { RetiredFunction } from './retired-function';

export interface RetiredBoxProps {
  /** A group must name something to launch. This one launches nothing. */
  readonly launchTemplate: CfnLaunchTemplate;
  /** Not the box's own, so that nothing here needs the box's network. */
  readonly subnets: readonly ISubnet[];
}

/**
 * The names that the box's alarms import, for one phase: they go with the operations stack, which is updated later, and
 * CloudFormation removes no export that is in use (decision 0122). The group has no instance, and no cost.
 */
export class RetiredBox extends Construct {
  readonly group: CfnAutoScalingGroup;

  constructor(scope: Construct, id: string, { launchTemplate, subnets }: RetiredBoxProps) {
    super(scope, id);
    this.group = new CfnAutoScalingGroup(this, 'Group', {
      minSize: '0',
      desiredCapacity: '0',
      maxSize: '0',
      vpcZoneIdentifier: subnets.map(({ subnetId }) => subnetId),
      launchTemplate: {
        launchTemplateId: launchTemplate.ref,
        version: launchTemplate.attrLatestVersionNumber,
      },
    });
    suppressNag(this.group, 'AwsSolutions-AS3', 'It launches nothing.');
    Stack.of(this).exportValue(this.group.ref);
    new RetiredFunction(this, 'Claim', 'claim');
  }
}

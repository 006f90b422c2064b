import { Fn } from 'aws-cdk-lib';
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { CfnInstanceProfile, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface HostTemplateProps {
  /** As people find it in EC2's lists. */
  readonly name: string;
  /** By which others know what it is. */
  readonly tag: { readonly key: string; readonly value: string };
  readonly imageId: string;
  readonly instanceType: string;
  readonly role: Role;
  readonly securityGroupId: string;
  readonly userData: string;
}

/** How every host is made: `Profile` and `Template` of the scope (rule L7). */
export function hostTemplate(scope: Construct, props: HostTemplateProps): CfnLaunchTemplate {
  const profile = new CfnInstanceProfile(scope, 'Profile', { roles: [props.role.roleName] });
  const tags = [{ key: 'Name', value: props.name }, props.tag];
  return new CfnLaunchTemplate(scope, 'Template', {
    launchTemplateData: {
      imageId: props.imageId,
      instanceType: props.instanceType,
      iamInstanceProfile: { arn: profile.attrArn },
      // Explicit, since the default of T families costs money: throttling a shop to a fifth of a core is worse.
      creditSpecification: props.instanceType.startsWith('t') ? { cpuCredits: 'unlimited' } : undefined,
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeType: 'gp3', volumeSize: rootVolumeGiB, encrypted: true, deleteOnTermination: true },
        },
      ],
      networkInterfaces: [
        // No address of its own: the box has the Elastic IP, and the others a balancer.
        {
          deviceIndex: 0,
          associatePublicIpAddress: false,
          groups: [props.securityGroupId],
          deleteOnTermination: true,
        },
      ],
      tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
        resourceType,
        tags,
      })),
      userData: Fn.base64(props.userData),
    },
  });
}

/** While CloudFormation replaces hosts, nothing else replaces or adds any: the processes that AWS advises to suspend. */
export const suspendedMeanwhile = [
  'HealthCheck',
  'ReplaceUnhealthy',
  'AZRebalance',
  'AlarmNotification',
  'ScheduledActions',
];

/** Amazon Linux, packages, logs, a few releases; data is elsewhere. */
const rootVolumeGiB = 10;

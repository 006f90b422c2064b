import { Fn } from 'aws-cdk-lib';
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { CfnInstanceProfile, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface HostTemplateOptions {
  /** The Name tag in EC2. */
  readonly name: string;
  /** Identifies the kind of host in policies. */
  readonly tag: { readonly key: string; readonly value: string };
  readonly imageId: string;
  readonly instanceType: string;
  readonly role: Role;
  /** The construct of the instance profile. A role that takes the place of another needs a profile of its own. */
  readonly profileScope?: Construct;
  readonly securityGroupId: string;
  readonly userData: string;
  /** True for metrics of EC2 each minute instead of each five; 2.10 USD a month and host. Default: false. */
  readonly detailedMonitoring?: boolean;
}

/** The launch template of every host: creates `Template`, and `Profile` if nothing else is said (rule ELB-7). */
export function hostTemplate(scope: Construct, options: HostTemplateOptions): CfnLaunchTemplate {
  const profile = new CfnInstanceProfile(options.profileScope ?? scope, 'Profile', {
    roles: [options.role.roleName],
  });
  const tags = [{ key: 'Name', value: options.name }, options.tag];
  return new CfnLaunchTemplate(scope, 'Template', {
    launchTemplateData: {
      imageId: options.imageId,
      instanceType: options.instanceType,
      iamInstanceProfile: { arn: profile.attrArn },
      // Explicit, since it costs money: throttling a shop to a fifth of a core would be worse.
      creditSpecification: options.instanceType.startsWith('t') ? { cpuCredits: 'unlimited' } : undefined,
      monitoring: options.detailedMonitoring ? { enabled: true } : undefined,
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeType: 'gp3', volumeSize: rootVolumeGiB, encrypted: true, deleteOnTermination: true },
        },
      ],
      networkInterfaces: [
        // No public address: the box has the Elastic IP, and the others a balancer.
        {
          deviceIndex: 0,
          associatePublicIpAddress: false,
          groups: [options.securityGroupId],
          deleteOnTermination: true,
        },
      ],
      tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
        resourceType,
        tags,
      })),
      userData: Fn.base64(options.userData),
    },
  });
}

/** The processes that AWS recommends to suspend while CloudFormation replaces hosts. */
export const suspendedMeanwhile = [
  'HealthCheck',
  'ReplaceUnhealthy',
  'AZRebalance',
  'AlarmNotification',
  'ScheduledActions',
];

/** For Amazon Linux, packages, logs and a few releases; the data is elsewhere. */
const rootVolumeGiB = 10;

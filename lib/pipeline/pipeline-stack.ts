import { CfnOutput, DefaultStackSynthesizer, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Effect,
  type IOidcProvider,
  OidcProviderNative,
  OpenIdConnectPrincipal,
  PolicyStatement,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { deploymentKeys, shopOf, stackName } from '../names';
import { suppressNag } from '../suppress-nag';
import { DOCTOR_ACTIONS, NEVER_FOR_PULL_REQUESTS, PREFLIGHT_ACTIONS } from './looking-actions';

export interface PipelineStackProps extends StackProps {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** ARN of the account's identity provider for GitHub, of which an account has one. Default: it is made. */
  readonly oidcProvider?: string;
}

const ISSUER = 'token.actions.githubusercontent.com';

/** The environment of GitHub whose reviewers approve each deploy. */
export const DEPLOY_ENVIRONMENT = 'production';

/** Two roles for GitHub Actions, without any key that could be lost (decision 0151). */
export class PipelineStack extends Stack {
  private readonly provider: IOidcProvider;

  constructor(scope: Construct, id: string, { repository, oidcProvider, ...props }: PipelineStackProps) {
    super(scope, id, { ...props, terminationProtection: false });
    this.provider = oidcProvider
      ? OidcProviderNative.fromOidcProviderArn(this, 'GitHub', oidcProvider)
      : new OidcProviderNative(this, 'GitHub', {
          url: `https://${ISSUER}`,
          clientIds: ['sts.amazonaws.com'],
        });
    const deploy = this.roleFor(
      'DeployRole',
      `repo:${repository}:environment:${DEPLOY_ENVIRONMENT}`,
      'Deploys an approved release with the roles of the bootstrap',
      // The deploy of phase 5 takes nearly two hours, and a rollback as long.
      Duration.hours(4),
    );
    this.allowDeploy(deploy);
    const review = this.roleFor(
      'ReviewRole',
      `repo:${repository}:pull_request`,
      'Looks whether the account is ready for a pull request',
      Duration.hours(1),
    );
    review.addToPolicy(
      new PolicyStatement({ effect: Effect.DENY, actions: [...NEVER_FOR_PULL_REQUESTS], resources: ['*'] }),
    );
    allowLooking(deploy, [...PREFLIGHT_ACTIONS, ...DOCTOR_ACTIONS]);
    allowLooking(review, PREFLIGHT_ACTIONS);
    new CfnOutput(this, 'DeployRoleArn', { value: deploy.roleArn });
    new CfnOutput(this, 'ReviewRoleArn', { value: review.roleArn });
  }

  /** Both claims are compared as a whole: a wildcard in one would let in branches, forks or other repositories. */
  private roleFor(id: string, subject: string, description: string, maxSessionDuration: Duration): Role {
    const assumedBy = new OpenIdConnectPrincipal(this.provider, {
      StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com', [`${ISSUER}:sub`]: subject },
    });
    return new Role(this, id, { assumedBy, description, maxSessionDuration });
  }

  /** CloudFormation's own rights stay with the bootstrap's execution role, which nobody but CloudFormation can take. */
  private allowDeploy(role: Role): void {
    const { region, account, partition } = this;
    const qualifier = DefaultStackSynthesizer.DEFAULT_QUALIFIER;
    const places = [...new Set([region, 'us-east-1'])];
    const bootstrapRoles = places.flatMap((place) =>
      ['deploy', 'file-publishing', 'lookup'].map(
        (kind) => `arn:${partition}:iam::${account}:role/cdk-${qualifier}-${kind}-role-${account}-${place}`,
      ),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: bootstrapRoles }));
    const bucket = `arn:${partition}:s3:::${stackName(shopOf(this.stackName), 'Data').toLowerCase()}-deployments*`;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [`${bucket}/${deploymentKeys.placement}`],
      }),
    );
    // Without it, a marker that is missing looks like a denial.
    role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket] }));
    const why =
      'CloudFormation generates the end of the name; the marker says where the data is, and nothing else.';
    const inNag = `arn:aws:s3:::${stackName(shopOf(this.stackName), 'Data').toLowerCase()}-deployments*`;
    for (const resource of [inNag, `${inNag}/${deploymentKeys.placement}`])
      suppressNag(role, `AwsSolutions-IAM5[Resource::${resource}]`, why);
  }
}

function allowLooking(role: Role, actions: readonly string[]): void {
  role.addToPolicy(new PolicyStatement({ actions: [...new Set(actions)], resources: ['*'] }));
  suppressNag(
    role,
    'AwsSolutions-IAM5[Resource::*]',
    'It describes the account, and most of these have no resources.',
  );
}

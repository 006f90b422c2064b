import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IDependable } from 'constructs';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';

export interface RotationProps extends MaintenanceProps {
  readonly secrets: Readonly<Record<string, ISecret>>;
  /** The accounts must exist: creating the schedule starts a first rotation, which proves that rotation works. */
  readonly after: IDependable;
}

/** A new password for each service's database user every 30 days (decision 0020). */
export class Rotation extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { secrets, after, ...props }: RotationProps) {
    super(scope, id);
    const rotate = new MaintenanceFunction(this, 'Function', {
      ...props,
      handler: 'rotation',
      timeout: Duration.minutes(1),
    });
    const secretArns = Object.values(secrets).map(({ secretArn }) => secretArn);
    rotate.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: secretArns,
      }),
    );
    for (const [name, secret] of Object.entries(secrets)) {
      rotate.addPermission(`${name}Invoke`, {
        principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
        sourceArn: secret.secretArn,
      });
      const schedule = new CfnRotationSchedule(this, name, {
        secretId: secret.secretArn,
        rotationLambdaArn: rotate.functionArn,
        rotationRules: { scheduleExpression: 'rate(30 days)' },
      });
      schedule.node.addDependency(rotate, after);
    }
    this.function = rotate;
  }
}

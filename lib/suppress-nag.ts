import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Suppresses a cdk-nag rule with a reason, on the narrowest construct that it concerns. */
export function suppressNag(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** Call for a resource that names its zone. */
export function acknowledgeZone(construct: IConstruct): void {
  suppressNag(
    construct,
    'CloudFormation-Validate::W3010',
    'The list of a region may change its order; a name keeps data where it is (rule CDK-17).',
  );
}

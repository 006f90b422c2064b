import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A rule that does not hold here, with the reason why that is right; at the narrowest construct that it is about. */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

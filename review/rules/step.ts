import { constructPath } from '../cloudformation';
import type { ResourceChange } from '../differences';
import type { Synthesis } from '../synthesis';

/** Two synthesized phases and the changes between them. */
export interface Step {
  readonly before: Synthesis;
  readonly after: Synthesis;
  readonly changes: readonly ResourceChange[];
}

/** A reason not to deploy a step over a running shop. */
export interface Finding {
  readonly rule: string;
  readonly stack: string;
  /** '' for the whole stack. */
  readonly logicalId: string;
  /** The construct path, or '' if the template does not contain it. */
  readonly path: string;
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

export type Found = Omit<Finding, 'rule'>;
type Place = Pick<ResourceChange, 'stack' | 'logicalId' | 'before' | 'after'>;
type Words = Pick<Finding, 'what' | 'why' | 'remedy'>;

export function aboutResource({ stack, logicalId, before, after }: Place, words: Words): Found {
  return { stack, logicalId, path: constructPath(before ?? after), ...words };
}

export function aboutStack(stack: string, words: Words): Found {
  return { stack, logicalId: '', path: '', ...words };
}

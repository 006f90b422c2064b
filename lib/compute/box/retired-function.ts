import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { HandlerName } from '../../bundle';
import { ShopFunction } from '../../shop-function';

/**
 * A function that nobody calls and that may do nothing, for one phase: its alarm imports its name (decision 0122).
 * At the path of the construct that had it.
 */
export class RetiredFunction extends Construct {
  constructor(scope: Construct, id: string, handler: HandlerName) {
    super(scope, id);
    const kept = new ShopFunction(this, 'Function', { handler, timeout: Duration.minutes(1) });
    Stack.of(this).exportValue(kept.functionName);
  }
}

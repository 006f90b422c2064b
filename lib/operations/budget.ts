import { Aws, Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { AlarmTopic } from './alarm-topic';

export interface BudgetProps {
  /** USD a month, the least (`monthlyCost` of the phase). */
  readonly monthlyCost: number;
  readonly alarms: AlarmTopic;
}

/**
 * Says when the account costs more than the phase explains (decision 0142). It counts everything in the account: costs
 * by tag need a setting that no template has.
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { monthlyCost, alarms }: BudgetProps) {
    super(scope, id);
    const { partition } = Stack.of(this);
    alarms.letPublish('budgets.amazonaws.com', `arn:${partition}:budgets::${Aws.ACCOUNT_ID}:*`);
    const budget = new CfnBudget(this, 'Monthly', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyLimit(monthlyCost), unit: 'USD' },
      },
      notificationsWithSubscribers: thresholds.map(({ notificationType, threshold }) => ({
        notification: {
          notificationType,
          threshold,
          thresholdType: 'PERCENTAGE',
          comparisonOperator: 'GREATER_THAN',
        },
        subscribers: [{ subscriptionType: 'SNS', address: alarms.topic.topicArn }],
      })),
    });
    // Budgets tries the topic when it is told of it.
    budget.node.addDependency(alarms.topic);
  }
}

/** The least cost, and half of it again for load: more than that should be somebody's decision. */
export const monthlyLimit = (monthlyCost: number): number => Math.ceil(monthlyCost * 1.5);

/** Of the limit, in percent. Forecasts begin after five weeks of use. */
const thresholds = [
  { notificationType: 'FORECASTED', threshold: 100 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'ACTUAL', threshold: 200 },
] as const;

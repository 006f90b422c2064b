import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AlarmTopic } from '../../../lib/operations/alarm-topic';
import { Budget, monthlyLimit } from '../../../lib/operations/budget';
import { uncheckedApp } from '../../support/unchecked-app';

const stack = new Stack(uncheckedApp(), 'Stack');
new Budget(stack, 'Budget', { monthlyCost: 100, alarms: new AlarmTopic(stack, 'Alarms') });
const template = Template.fromStack(stack);

test('the limit leaves half of the least cost for load', () => {
  expect([monthlyLimit(100), monthlyLimit(27.51)]).toEqual([150, 42]);
  template.hasResourceProperties('AWS::Budgets::Budget', {
    Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 150, Unit: 'USD' } },
  });
});

test('it says what will be exceeded, what is, and what is exceeded twofold', () => {
  const [{ Properties } = { Properties: {} }] = Object.values(template.findResources('AWS::Budgets::Budget'));
  const notifications: { Notification: { NotificationType: string; Threshold: number } }[] =
    Properties.NotificationsWithSubscribers;
  expect(
    notifications.map(({ Notification: { NotificationType, Threshold } }) => [NotificationType, Threshold]),
  ).toEqual([
    ['FORECASTED', 100],
    ['ACTUAL', 100],
    ['ACTUAL', 200],
  ]);
});

test('it is made when Budgets may publish to the topic', () => {
  const [budget] = Object.values(template.findResources('AWS::Budgets::Budget'));
  const [policy] = Object.keys(template.findResources('AWS::SNS::TopicPolicy'));
  expect(budget?.DependsOn).toContain(policy);
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: [
        {},
        { Principal: { Service: 'cloudwatch.amazonaws.com' } },
        { Principal: { Service: 'budgets.amazonaws.com' }, Action: 'sns:Publish' },
      ],
    },
  });
});

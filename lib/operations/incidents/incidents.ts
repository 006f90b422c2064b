import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { FilterPattern, type ILogGroup, SubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
import { CfnSubscription, type ITopic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EDGE_REGION } from '../../names';
import { ShopFunction } from '../../shop-function';
import { suppressNag } from '../../suppress-nag';

export interface IncidentsProps {
  /** The name of the secret with PagerDuty's key; then alarms of the topic are reported there. */
  readonly pagerDuty?: string | undefined;
  /** The name of the secret with Sentry's DSN; then errors in the log are reported there. */
  readonly sentry?: string | undefined;
  readonly alarms: ITopic;
  /** A topic in the region of the CDN, if that is another one. */
  readonly edgeAlarms?: ITopic | undefined;
  /** Of the app. */
  readonly log: ILogGroup;
}

/** Events that could not be delivered are kept this long. */
const KEPT = Duration.days(14);

/** Reports alarms to PagerDuty and errors to Sentry, by one function outside of the VPC (decision 0147). */
export class Incidents extends Construct {
  readonly function: IFunction;
  /** Events that were given up. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { pagerDuty, sentry, alarms, edgeAlarms, log }: IncidentsProps) {
    super(scope, id);
    this.undelivered = new Queue(this, 'Undelivered', {
      retentionPeriod: KEPT,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    suppressNag(this.undelivered, 'AwsSolutions-SQS3', 'It is itself the queue of what failed.');
    const fn = new ShopFunction(this, 'Function', {
      handler: 'incidents',
      timeout: Duration.minutes(5),
      environment: {
        ...(pagerDuty && { PAGERDUTY_SECRET: pagerDuty }),
        ...(sentry && { SENTRY_SECRET: sentry }),
      },
    });
    fn.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: new SqsDestination(this.undelivered),
    });
    for (const name of [pagerDuty, sentry]) if (name) fn.addToRolePolicy(mayRead(this, name));
    if (pagerDuty) alarms.addSubscription(new LambdaSubscription(fn));
    if (pagerDuty && edgeAlarms) this.subscribe(edgeAlarms, fn);
    if (sentry) {
      new SubscriptionFilter(this, 'Errors', {
        logGroup: log,
        destination: new LambdaDestination(fn),
        filterPattern: FilterPattern.any(
          FilterPattern.stringValue('$.level', '=', 'error'),
          FilterPattern.stringValue('$.level', '=', 'fatal'),
        ),
      });
    }
    this.function = fn;
  }

  /** The helper of the CDK takes the region from the topic's ARN, which is not known before the deploy. */
  private subscribe(topic: ITopic, fn: IFunction): void {
    const { topicArn } = topic;
    new CfnSubscription(this, 'EdgeAlarms', {
      ...{ topicArn, protocol: 'lambda', endpoint: fn.functionArn, region: EDGE_REGION },
    });
    const principal = new ServicePrincipal('sns.amazonaws.com');
    fn.addPermission('EdgeAlarms', { principal, sourceArn: topicArn });
    suppressNag(
      fn.node.findChild('EdgeAlarms'),
      'CloudFormation-Validate::W3664',
      'It is the ARN of a topic, by way of the reader of exports of another region.',
    );
  }
}

/** Secrets Manager appends six characters to a name. */
const mayRead = (scope: Construct, name: string) =>
  new PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'],
    resources: [
      Stack.of(scope).formatArn({
        ...{ service: 'secretsmanager', resource: 'secret', resourceName: `${name}-??????` },
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
  });

import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** The topic of all alarms. It has its own key, since CloudWatch cannot use the AWS-managed key of SNS. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;
  private readonly key: Key;

  constructor(scope: Construct, id: string, email?: string) {
    super(scope, id);
    // Nothing is stored under the key: it encrypts messages in transit only.
    this.key = new Key(this, 'Key', {
      description: 'Shop alarms on their way',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.topic = new Topic(this, 'Topic', { masterKey: this.key, enforceSSL: true });
    const { partition, region } = Stack.of(this);
    // A policy that enforces TLS takes the place of the topic's own, which had let the account's alarms in.
    this.letPublish(
      'cloudwatch.amazonaws.com',
      `arn:${partition}:cloudwatch:${region}:${Aws.ACCOUNT_ID}:alarm:*`,
    );
    if (email) this.topic.addSubscription(new EmailSubscription(email));
  }

  /** Lets a service of AWS publish on behalf of its resources with these ARNs. */
  letPublish(service: string, sourceArn: string): void {
    const principals = [new ServicePrincipal(service)];
    // Without a condition: AWS documents none that each service meets here, and a refusal drops the message silently.
    this.key.addToResourcePolicy(
      new PolicyStatement({ principals, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] }),
    );
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnLike: { 'aws:SourceArn': sourceArn } },
      }),
    );
  }
}

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { photoTable } from '../../lambda/inventory/photos/table-repository';
import { ATTEMPTS, RETENTION_DAYS, VISIBILITY_SECONDS } from '../../lambda/thumbnails/queue-limits';
import type { PhotoWorkers } from '../phases';
import { ShopTable } from './shop-table';

export interface PhotoStoreProps {
  readonly key: IKey;
  readonly workers: PhotoWorkers;
}

/** The state of photos, and the jobs of their workers: in DynamoDB and SQS, so that a worker needs no database. */
export class PhotoStore extends Construct {
  readonly table: ShopTable;
  readonly queue: Queue;
  /** Jobs that failed for good, with a reason. */
  readonly deadLetters: Queue;

  readonly workers: PhotoWorkers;

  constructor(scope: Construct, id: string, { key, workers }: PhotoStoreProps) {
    super(scope, id);
    this.workers = workers;
    this.table = new ShopTable(this, 'Table', photoTable, key);
    // Encrypted with SQS's own key: a job is two ids.
    const queue = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...queue,
      retentionPeriod: Duration.days(RETENTION_DAYS.deadLetters),
    });
    this.queue = new Queue(this, 'Queue', {
      ...queue,
      retentionPeriod: Duration.days(RETENTION_DAYS.queue),
      visibilityTimeout: Duration.seconds(VISIBILITY_SECONDS),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: ATTEMPTS },
    });
  }
}

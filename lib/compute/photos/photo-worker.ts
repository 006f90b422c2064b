import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import { BATCH, FUNCTION_SECONDS } from '../../../lambda/thumbnails/queue-limits';
import type { PhotoStore } from '../../data/photo-store';
import { ShopFunction } from '../../shop-function';
import { grantPhotos } from '../api/app-access';

/** A whole core, from 1,769 MB on; with the largest picture the process takes 428 MB (decision 0181). */
const MEMORY_MEGABYTES = 1769;

export interface PhotoWorkerProps {
  readonly photos: PhotoStore;
  readonly media: IBucket;
}

/** Renders photos from the queue. Outside of the VPC: it needs the table, the bucket and the queue alone (decision 0181). */
export class PhotoWorker extends Construct {
  readonly function: ShopFunction;

  constructor(scope: Construct, id: string, { photos, media }: PhotoWorkerProps) {
    super(scope, id);
    const { table, queue, deadLetters, workers } = photos;
    this.function = new ShopFunction(this, 'Function', {
      handler: { service: 'thumbnails' },
      timeout: Duration.seconds(FUNCTION_SECONDS),
      memoryMegabytes: MEMORY_MEGABYTES,
      environment: {
        NODE_ENV: 'production',
        [SETTING.media]: `s3://${media.bucketName}`,
        [SETTING.photoTable]: table.tableName,
        [SETTING.photoQueue]: queue.queueUrl,
        [SETTING.photoDeadLetters]: deadLetters.queueUrl,
      },
    });
    const role = this.function.role as Role;
    table.allow(role, 'read', 'change');
    grantPhotos(role, media);
    role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
    );
    this.function.addEventSource(
      new SqsEventSource(queue, {
        batchSize: BATCH,
        reportBatchItemFailures: true,
        // Also what bounds the load on the table, and the cost.
        maxConcurrency: workers.most,
      }),
    );
  }
}

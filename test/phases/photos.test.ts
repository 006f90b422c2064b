import { photoTable } from '../../lambda/inventory/photos/table-repository';
import { phaseNumbered } from '../../lib/phases';
import { constructPath, type Resource } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import { synthesized } from './synthesized';

/** Rows F5, F6 and F8, of phase 6 as a deployer gets it. */
const phase = synthesized(6);
const workers = phaseNumbered(6)?.photos;
if (!workers || workers === 'in-process') throw new Error('Phase 6 has workers for photos');

const all = (type: string, path: RegExp = /./) =>
  Object.values(phase.templates).flatMap(({ Resources = {} }) =>
    Object.entries(Resources)
      .filter(([, resource]) => resource.Type === type && path.test(constructPath(resource)))
      .map(([id, resource]: [string, Resource]) => ({ id, resource, properties: resource.Properties ?? {} })),
  );
function only(type: string, path?: RegExp) {
  const [found, ...rest] = all(type, path);
  if (!found || rest.length > 0) throw new Error(`Not one ${type} ${path}`);
  return found;
}
const text = (value: unknown) => JSON.stringify(value);

const table = only('AWS::DynamoDB::Table', /Photos\/Table/);
const queue = only('AWS::SQS::Queue', /Photos\/Queue/);
const deadLetters = only('AWS::SQS::Queue', /Photos\/DeadLetters/);
const worker = only('AWS::Lambda::Function', /PhotoWorker/);
const source = only('AWS::Lambda::EventSourceMapping');

describe('the table of photos', () => {
  test('F5, DATA-5: has the keys that the code uses', () => {
    const { partition, sort } = photoTable;
    expect(table.properties.KeySchema).toEqual([
      { AttributeName: partition.name, KeyType: 'HASH' },
      { AttributeName: sort?.name, KeyType: 'RANGE' },
    ]);
    const { due } = photoTable.indexes ?? {};
    expect(table.properties.GlobalSecondaryIndexes).toMatchObject([
      {
        IndexName: 'due',
        KeySchema: [{ AttributeName: due?.partition.name }, { AttributeName: due?.sort.name }],
        Projection: { ProjectionType: 'ALL' },
      },
    ]);
  });

  test('DATA-5: is billed by request, backed up, encrypted with the shop’s key, and not deleted', () => {
    expect(table.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(table.properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: {
        SSEEnabled: true,
        SSEType: 'KMS',
        KMSMasterKeyId: { 'Fn::GetAtt': ['ManagedKeyE0F8A17B', 'Arn'] },
      },
    });
  });
});

describe('the queue of photos', () => {
  test('SQS-1: gives a message out again long after its worker must have ended', () => {
    expect(Number(queue.properties.VisibilityTimeout)).toBeGreaterThanOrEqual(
      6 * Number(worker.properties.Timeout),
    );
  });

  test('SQS-1: gives a worker no more photos at once than it can decode in its time, with a minute to spare', () => {
    // As long as render.ts lets one take.
    const seconds = 30 * Number(source.properties.BatchSize);
    expect(seconds).toBeLessThanOrEqual(Number(worker.properties.Timeout) - 60);
  });

  test('SQS-2, SQS-3: gives a message up after five tries, and keeps it for longer then', () => {
    expect(queue.properties.RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters.id, 'Arn'] },
      maxReceiveCount: 5,
    });
    expect(Number(deadLetters.properties.MessageRetentionPeriod)).toBeGreaterThan(
      Number(queue.properties.MessageRetentionPeriod),
    );
  });

  test('SQS-4, SQS-5: a batch fails in part, and no more workers run than lib/phases.ts says', () => {
    expect(source.properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: workers.most },
      FunctionName: { Ref: worker.id },
    });
  });

  test('SQS-6: people hear of photos that failed, that are late, and of a queue that is nearly full', () => {
    const alarms = all('AWS::CloudWatch::Alarm').map(({ id, properties }) => [id, properties.Threshold]);
    const threshold = Object.fromEntries(alarms) as Record<string, number>;
    const named = (name: string) => Object.entries(threshold).find(([id]) => id.startsWith(name))?.[1];
    expect(named('PhotosFailed')).toBe(0);
    expect(named('PhotosLate')).toBe(300);
    expect(named('PhotoQueueFull')).toBe(0.8 * workers.mostWaiting);
    expect(named('PhotoWorkerErrors')).toBe(0);
  });
});

/** The statements of a role's own policies. */
const rights = (path: RegExp) =>
  all('AWS::IAM::Policy', path)
    .map(({ properties }) => text(properties.PolicyDocument))
    .join();

describe('the worker', () => {
  test('F6: runs outside of the VPC, on Graviton, with a whole core', () => {
    expect(worker.properties).toMatchObject({ Architectures: ['arm64'], MemorySize: 1769 });
    expect(worker.properties.VpcConfig).toBeUndefined();
  });

  test('F6: reaches the table, the bucket and the queue, and nothing else', () => {
    const may = rights(/PhotoWorker/);
    expect(may).toContain('dynamodb:UpdateItem');
    expect(may).toContain('sqs:ReceiveMessage');
    expect(may).toContain('s3:PutObject');
    expect(may).not.toMatch(/secretsmanager|elasticache|dynamodb:(PutItem|DeleteItem|Scan)/);
    const { Variables } = worker.properties.Environment as { Variables: Record<string, unknown> };
    expect(Object.keys(Variables).sort()).toEqual([
      ...['MEDIA', 'NODE_ENV', 'PHOTO_DEAD_LETTERS', 'PHOTO_QUEUE', 'PHOTO_TABLE'],
    ]);
  });
});

describe('hosts', () => {
  const group = (name: string) => rights(new RegExp(`Api/${name}/ServiceRole/`));

  test('F6: those of inventory that write send jobs and change photos; those that read only look', () => {
    expect(group('Write')).toContain('sqs:SendMessage');
    expect(group('Write')).toContain('dynamodb:PutItem');
    expect(group('Write')).not.toContain('sqs:ReceiveMessage');
    expect(group('Read')).toContain('dynamodb:Query');
    expect(group('Read')).not.toMatch(/sqs:|dynamodb:(PutItem|UpdateItem|DeleteItem)/);
  });

  test('F6: those of users have nothing to do with photos', () => {
    for (const name of ['UsersRead', 'UsersWrite']) expect(group(name)).not.toMatch(/sqs:|s3:PutObject/);
  });

  test('F8: refuse uploads beyond the number that lib/phases.ts says', () => {
    const data = all('AWS::EC2::LaunchTemplate', /Api\/Write\//).map(({ properties }) => text(properties));
    expect(data).toHaveLength(1);
    expect(data[0]).toContain(`MOST_WAITING_PHOTOS='${workers.mostWaiting}'`);
  });
});

test('the step from phase 5 finds the table and the queue empty, beside what runs, and takes nothing away', () => {
  expect(stepFindings(synthesized(5), phase)).toEqual([]);
});

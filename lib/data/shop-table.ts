import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type Attribute, AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { KeySchema, TableDefinition } from '../../lambda/shared/tables/table';

/** The calls of the port of tables (`lambda/shared/tables`). */
const CALLS = {
  read: ['dynamodb:GetItem', 'dynamodb:Query'],
  change: ['dynamodb:UpdateItem'],
  write: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:Scan'],
} as const;

/** `change`: items that are there; neither new ones nor deletions. */
export type TableAccess = keyof typeof CALLS;

/**
 * A table of DynamoDB: billed by request, encrypted with the shop's key, with backups of every second of 35 days, and not
 * deleted by any deploy (rule DATA-5).
 */
export class ShopTable extends Table {
  private readonly key: IKey;
  private readonly indexes: readonly string[];

  constructor(scope: Construct, id: string, definition: TableDefinition, key: IKey) {
    super(scope, id, {
      ...keysOf(definition),
      timeToLiveAttribute: definition.expires,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.key = key;
    const indexes = Object.entries(definition.indexes ?? {});
    this.indexes = indexes.map(([name]) => name);
    for (const [indexName, schema] of indexes) this.addGlobalSecondaryIndex({ indexName, ...keysOf(schema) });
  }

  /** Reading includes the indexes. Encryption is DynamoDB's, on behalf of who calls it. */
  allow(role: IRole, ...access: readonly TableAccess[]): void {
    const allow = (actions: readonly string[], resources: string[]) =>
      role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources }));
    allow([...new Set(access.flatMap((each) => CALLS[each]))], [this.tableArn]);
    for (const index of this.indexes) allow(['dynamodb:Query'], [`${this.tableArn}/index/${index}`]);
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(role).region}.amazonaws.com` },
        },
      }),
    );
  }
}

const keysOf = ({ partition, sort }: KeySchema) => ({
  partitionKey: attribute(partition),
  ...(sort && { sortKey: attribute(sort) }),
});

const attribute = ({ name, type }: KeySchema['partition']): Attribute => ({
  name,
  type: type === 'text' ? AttributeType.STRING : AttributeType.NUMBER,
});

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { KeySchema, TableDefinition } from '../../lambda/shared/tables/table';

export interface DynamoDbServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * dynalite: a server that speaks DynamoDB's protocol and refuses what DynamoDB refuses. It checks no signatures, deletes
 * nothing by time to live, and has no transactions. Without a folder, it keeps its tables in memory.
 */
export async function startDynamoDb(folder?: string): Promise<DynamoDbServer> {
  const options = { createTableMs: 0, ...(folder && { path: folder }) };
  const server = dynalite(options).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((stopped, failed) => {
        server.closeAllConnections();
        server.close((error) => (error ? failed(error) : stopped()));
      }),
  };
}

/** Creates the tables that are not there, by their names. */
export async function createTables(
  definitions: Readonly<Record<string, TableDefinition>>,
  config: DynamoDBClientConfig,
): Promise<void> {
  const client = new DynamoDBClient(config);
  try {
    for (const [name, definition] of Object.entries(definitions)) {
      await client.send(new CreateTableCommand(creation(name, definition))).catch((error: unknown) => {
        if (!(error instanceof ResourceInUseException)) throw error;
      });
    }
  } finally {
    client.destroy();
  }
}

function creation(name: string, definition: TableDefinition): CreateTableCommandInput {
  const indexes = Object.entries(definition.indexes ?? {});
  const attributes = [definition, ...indexes.map(([, schema]) => schema)].flatMap(attributesOf);
  const types = new Map(attributes.map(({ name, type }) => [name, type === 'text' ? 'S' : 'N'] as const));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(definition),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(([IndexName, schema]) => ({
        IndexName,
        KeySchema: keySchema(schema),
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }),
  };
}

const attributesOf = ({ partition, sort }: KeySchema) => [partition, ...(sort ? [sort] : [])];

const keySchema = (schema: KeySchema) =>
  attributesOf(schema).map(({ name }, at) => ({
    AttributeName: name,
    KeyType: at === 0 ? ('HASH' as const) : ('RANGE' as const),
  }));

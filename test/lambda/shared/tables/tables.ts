import { openDynamoDbTable } from '../../../../lambda/shared/tables/dynamodb-table';
import { createMemoryTable } from '../../../../lambda/shared/tables/memory-table';
import type { Table, TableDefinition } from '../../../../lambda/shared/tables/table';
import { createTables, startDynamoDb } from '../../../../local/servers/dynamodb-server';
import { cleanup } from '../../../support/cleanup';

/** For a server that checks no credentials. */
export const tableConfig = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** A server that speaks DynamoDB, stopped after the test. */
export async function dynamoDb(): Promise<{ url: string; stop(): Promise<void> }> {
  const { url, stop } = await startDynamoDb();
  return { url, stop: cleanup(stop) };
}

let made = 0;

export interface TableKind {
  readonly name: string;
  /** An empty table. */
  open(definition: TableDefinition, now?: () => number): Promise<Table>;
}

/** The implementations: `describe.each(tableKinds)`. */
export const tableKinds: readonly TableKind[] = [
  { name: 'memory', open: async (definition, now) => createMemoryTable(definition, now) },
  {
    name: 'DynamoDB',
    open: async (definition, now) => {
      const { url } = await dynamoDb();
      made += 1;
      const [name, config] = [`table-${made}`, tableConfig(url)];
      await createTables({ [name]: definition }, config);
      const table = openDynamoDbTable({ definition, name, config, ...(now && { now }) });
      cleanup(async () => table.close());
      return table;
    },
  },
];

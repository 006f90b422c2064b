import { createTables, startDynamoDb } from './dynamodb-server';
import { localConfig } from './local-aws';
import { TABLES } from './tables';

/** `node dynamodb.ts <folder>`: dynalite, with the shop's tables kept in a folder. Prints its URL. */
async function main(folder: string): Promise<void> {
  const { url, stop } = await startDynamoDb(folder);
  await createTables(TABLES, localConfig(url));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  console.log(url);
}

void main(process.argv[2] ?? '');

import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { remainingMs } from '../runtime/deadline';
import { retryDelay } from '../runtime/retry-delay';
import { createExpressions, marshall, unmarshall } from './expressions';
import {
  type Condition,
  checkLimit,
  type Item,
  secondsOf,
  type Table,
  type TableDefinition,
  TableUnavailableError,
} from './table';

/** DynamoDB answers in milliseconds. One request, and the sum of all tries of a call. */
const REQUEST_MS = 1000;
const CALL_MS = 4000;
/** The last retry waits for at most 800 ms. The SDK ends retries when too many of the last requests needed them. */
const ATTEMPTS = 5;
const FIRST_RETRY_MS = 100;

export interface DynamoDbTableOptions {
  readonly definition: TableDefinition;
  readonly name: string;
  /** Default: from the environment. */
  readonly config?: DynamoDBClientConfig;
  /** Epoch milliseconds. Default the system's clock. */
  readonly now?: () => number;
}

/** A table of DynamoDB. */
export function openDynamoDbTable({ definition, name, config, now = Date.now }: DynamoDbTableOptions): Table {
  const { partition, sort, expires } = definition;
  const client = new DynamoDBClient({
    retryStrategy: new ConfiguredRetryStrategy(ATTEMPTS, (attempt) => retryDelay(attempt, FIRST_RETRY_MS)),
    // Without the second option, the first one only warns.
    requestHandler: {
      ...{ requestTimeout: REQUEST_MS, throwOnRequestTimeout: true, connectionTimeout: REQUEST_MS },
    },
    ...config,
  });
  const TableName = name;
  const keyOf = (item: Item) =>
    marshall(
      Object.fromEntries([partition, ...(sort ? [sort] : [])].map(({ name }) => [name, item[name]])) as Item,
    );
  const isLive = (item: Item) => !(expires && Number(item[expires]) <= secondsOf(now()));
  const limits = () => ({
    abortSignal: AbortSignal.timeout(Math.max(1, Math.round(Math.min(CALL_MS, remainingMs())))),
  });

  /** The expressions that hold for an item that is there, lives, and meets the condition. */
  const guarded = (condition: Condition = {}) => {
    const expressions = createExpressions();
    const there = `attribute_exists(${expressions.name(partition.name)})`;
    const tests = [there, ...expressions.condition(condition)];
    if (expires) {
      const at = expressions.name(expires);
      tests.push(`(attribute_not_exists(${at}) OR ${at} > ${expressions.value(secondsOf(now()))})`);
    }
    return { expressions, ConditionExpression: tests.join(' AND ') };
  };
  const free = () => {
    const expressions = createExpressions();
    const gone = `attribute_not_exists(${expressions.name(partition.name)})`;
    const ended = expires && ` OR ${expressions.name(expires)} <= ${expressions.value(secondsOf(now()))}`;
    return { expressions, ConditionExpression: `${gone}${ended ?? ''}` };
  };

  return {
    get: async (key, { consistent }) => {
      const command = new GetItemCommand({ TableName, Key: keyOf(key), ConsistentRead: consistent });
      const { Item: found } = await answered(client.send(command, limits()));
      const item = found && unmarshall(found);
      return item && isLive(item) ? item : undefined;
    },
    put: async (item, condition) => {
      const guard = condition === 'free' ? free() : condition && guarded(condition);
      const request = { TableName, Item: marshall(item), ...requested(guard) };
      return changed(client.send(new PutItemCommand(request), limits()));
    },
    update: async (key, change, condition) => {
      const guard = guarded(condition);
      const UpdateExpression = guard.expressions.change(change);
      const request = { TableName, Key: keyOf(key), UpdateExpression, ...requested(guard) };
      return changed(client.send(new UpdateItemCommand(request), limits()));
    },
    delete: async (key, condition) => {
      const request = { TableName, Key: keyOf(key), ...requested(guarded(condition)) };
      return changed(client.send(new DeleteItemCommand(request), limits()));
    },
    query: async ({ partition: value, index, atMost, after, order = 'ascending', limit, consistent }) => {
      const schema = index ? definition.indexes?.[index] : definition;
      if (!schema) throw new Error(`The table has no index "${index}"`);
      const { name, value: bound, placeholders } = createExpressions();
      const by = schema.sort?.name ?? '';
      const bounds = [
        `${name(schema.partition.name)} = ${bound(value)}`,
        // Only one condition on the sort key is allowed: the lower bound is inclusive, and taken away below.
        ...between(after, atMost).map((test) => test(name(by), bound)),
      ];
      const pages = paginateQuery(
        { client, pageSize: checkLimit(limit) },
        {
          TableName,
          IndexName: index,
          KeyConditionExpression: bounds.join(' AND '),
          ScanIndexForward: order === 'ascending',
          ConsistentRead: consistent,
          ...placeholders(),
        },
        limits(),
      );
      const found: Item[] = [];
      for await (const item of itemsOf(pages)) {
        if (isLive(item) && item[by] !== after) found.push(item);
        if (found.length === limit) break;
      }
      return found;
    },
    scan: async function* () {
      for await (const item of itemsOf(paginateScan({ client }, { TableName, ConsistentRead: true })))
        if (isLive(item)) yield item;
    },
    close: () => client.destroy(),
  };
}

type Test = (name: string, bound: (value: string | number) => string) => string;

function between(after?: string | number, atMost?: string | number): Test[] {
  if (after !== undefined && atMost !== undefined)
    return [(name, bound) => `${name} BETWEEN ${bound(after)} AND ${bound(atMost)}`];
  if (after !== undefined) return [(name, bound) => `${name} > ${bound(after)}`];
  return atMost === undefined ? [] : [(name, bound) => `${name} <= ${bound(atMost)}`];
}

type Guard = {
  readonly expressions: ReturnType<typeof createExpressions>;
  readonly ConditionExpression: string;
};

const requested = (guard?: Guard) =>
  guard && { ConditionExpression: guard.ConditionExpression, ...guard.expressions.placeholders() };

async function* itemsOf(pages: AsyncIterable<{ Items?: Parameters<typeof unmarshall>[0][] | undefined }>) {
  try {
    for await (const { Items = [] } of pages) yield* Items.map(unmarshall);
  } catch (error) {
    throw translated(error);
  }
}

async function changed(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answered(answer);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const answered = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
  answer.catch((error: unknown) => {
    throw translated(error);
  });

const BUSY = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** Errors of the service that are ours, such as a wrong key, stay as they are: a repetition would not help. */
function translated(error: unknown): unknown {
  const isOurs =
    error instanceof DynamoDBServiceException &&
    !BUSY.has(error.name) &&
    (error.$metadata.httpStatusCode ?? 500) < 500;
  return isOurs ? error : new TableUnavailableError({ cause: error });
}

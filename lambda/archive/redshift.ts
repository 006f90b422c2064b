import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchExecuteStatementCommand,
  type ColumnMetadata,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  ListStatementsCommand,
  RedshiftDataClient,
  type RedshiftDataClientConfig,
  RedshiftDataServiceException,
} from '@aws-sdk/client-redshift-data';
import { KIND_NAMES, type Kind, planOf } from './kinds';
import {
  deletionSql,
  filesLike,
  tableSql,
  type Warehouse,
  type WarehouseRow,
  WarehouseUnavailableError,
} from './warehouse';

export interface RedshiftOptions {
  readonly workgroup: string;
  readonly database: string;
  /** The bucket of the files, and the role by which the warehouse reads them. */
  readonly bucket: string;
  readonly roleArn: string;
  /** Between two looks at a running statement. Default 500. */
  readonly pollMs?: number;
  readonly config?: RedshiftDataClientConfig;
}

/** The warehouse refused a statement, or it was aborted: nothing of it was done. */
class StatementFailedError extends Error {
  override name = 'StatementFailedError';
}

const RUNNING = new Set(['SUBMITTED', 'PICKED', 'STARTED']);

type Parameters = Readonly<Record<string, string>>;

/** Redshift Serverless through the Data API: by IAM, without a connection, a driver or a password. */
export function openRedshift(options: RedshiftOptions): Warehouse {
  const { workgroup, database, bucket, roleArn, pollMs = 500, config = {} } = options;
  const client = new RedshiftDataClient(config);
  const place = { WorkgroupName: workgroup, Database: database };

  /** Its id, once it has ended well. */
  const ended = async (id: string): Promise<string> => {
    for (;;) {
      const { Status = '', Error: error } = await answered(
        client.send(new DescribeStatementCommand({ Id: id })),
      );
      if (Status === 'FINISHED') return id;
      if (!RUNNING.has(Status))
        throw new StatementFailedError(`The warehouse ended a statement as ${Status}: ${error}`);
      await sleep(pollMs);
    }
  };

  /** One transaction. */
  const runAll = async (name: string, statements: string[], parameters: Parameters) => {
    const { Id = '' } = await answered(
      client.send(
        new BatchExecuteStatementCommand({
          ...place,
          StatementName: name,
          Sqls: statements,
          Parameters: parameterList(parameters),
        }),
      ),
    );
    await ended(Id);
  };

  /** A loader that ended may have left a load that goes on: its rows must not come after the count. */
  const othersEnded = async (name: string) => {
    let next: string | undefined;
    do {
      const page = await answered(
        client.send(new ListStatementsCommand({ StatementName: name, Status: 'ALL', NextToken: next })),
      );
      for (const { Id = '', Status = '' } of page.Statements ?? [])
        if (RUNNING.has(Status)) await ended(Id).catch(unlessFailed);
      next = page.NextToken;
    } while (next);
  };

  return {
    prepare: async () => {
      const tables = KIND_NAMES.map((kind) => `${tableSql(kind)} SORTKEY (${planOf(kind).key[0]})`);
      await runAll('prepare', tables, {});
    },
    load: async (kind, prefix) => {
      const name = `load ${prefix}`;
      await othersEnded(name);
      await runAll(name, [deletionSql(kind), copySql(kind, `s3://${bucket}/${prefix}`, roleArn)], {
        files: filesLike(prefix),
      });
    },
    query: async <Row = WarehouseRow>(statement: string, parameters: Parameters = {}) => {
      const { Id = '' } = await answered(
        client.send(
          new ExecuteStatementCommand({ ...place, Sql: statement, Parameters: parameterList(parameters) }),
        ),
      );
      await ended(Id);
      const rows: WarehouseRow[] = [];
      let next: string | undefined;
      do {
        const page = await answered(client.send(new GetStatementResultCommand({ Id, NextToken: next })));
        for (const fields of page.Records ?? []) rows.push(rowFrom(page.ColumnMetadata ?? [], fields));
        next = page.NextToken;
      } while (next);
      return rows as Row[];
    },
    close: async () => client.destroy(),
  };
}

function unlessFailed(error: unknown): void {
  if (!(error instanceof StatementFailedError)) throw error;
}

/** Columns of Parquet are taken by their place. */
const copySql = (kind: Kind, from: string, roleArn: string) =>
  `COPY ${kind} FROM '${from}' IAM_ROLE '${roleArn}' FORMAT AS PARQUET`;

/** The API refuses an empty list. */
const parameterList = (parameters: Parameters) => {
  const list = Object.entries(parameters).map(([name, value]) => ({ name, value }));
  return list.length > 0 ? list : undefined;
};

/** Sums of whole numbers are NUMERIC, which the API answers as text. */
const NUMBERS = new Set(['numeric', 'decimal']);

function rowFrom(columns: readonly ColumnMetadata[], fields: readonly Field[]): WarehouseRow {
  const entries = columns.map(({ name = '', typeName = '' }, at) => {
    const field = fields[at];
    if (!field || field.isNull) return [name, null];
    const value = field.stringValue ?? field.longValue ?? field.doubleValue ?? null;
    return [name, NUMBERS.has(typeName) && value !== null ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}

/** Errors that mean "later": the service does not answer, or has too much to do. */
const LATER = new Set([
  'ActiveStatementsExceededException',
  'InternalServerException',
  'ThrottlingException',
]);

async function answered<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof WarehouseUnavailableError) throw error;
    if (error instanceof RedshiftDataServiceException && !LATER.has(error.name)) throw error;
    throw new WarehouseUnavailableError('The warehouse does not answer', { cause: error });
  }
}

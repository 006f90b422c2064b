import { randomUUID } from 'node:crypto';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { copySql, openMacros, runOn, withFiles } from '../../lambda/archive/duckdb';
import type { Kind } from '../../lambda/archive/kinds';
import { openS3Blobs } from '../../lambda/shared/blobs/s3';
import { AwsServer, type Call } from '../lib/aws';
import { cleanup } from './cleanup';

interface Statement {
  readonly id: string;
  readonly name: string;
  status: 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED';
  error?: string;
  rows: Record<string, unknown>[];
  columns: { name: string; typeName: string }[];
}

interface Request {
  readonly WorkgroupName?: string;
  readonly Database?: string;
  readonly Sql?: string;
  readonly Sqls?: string[];
  readonly StatementName?: string;
  readonly Parameters?: readonly { name: string; value: string }[];
  readonly Id?: string;
  readonly NextToken?: string;
  readonly Status?: string;
}

const ROWS_PER_PAGE = 2;
/** A batch holds at most so many statements. */
const MOST_STATEMENTS = 40;
const COPY =
  /^COPY (\w+) FROM 's3:\/\/([^/']+)\/([^']+)' IAM_ROLE '(arn:aws:iam::\d{12}:role\/[^']+)' FORMAT AS PARQUET$/;

/**
 * The Data API of Redshift by its published description, with DuckDB below: statements run after their call was
 * answered, a batch is one transaction, COPY reads the real objects of an S3, sums of whole numbers are NUMERIC and come
 * as text, and results come in pages. It refuses what the API refuses. The dialects of the two engines differ; documents
 * list what was never run.
 */
export class RedshiftData {
  private readonly statements = new Map<string, Statement>();
  private last: Promise<void> = Promise.resolve();
  /** While it is true, every call is answered with an error. */
  down = false;
  /** Number of calls that listed statements. */
  listed = 0;
  /** While it is set, statements wait for it before they run. */
  pause?: Promise<void>;
  private constructor(
    private readonly connection: DuckDBConnection,
    private readonly s3: {
      readonly url: string;
      readonly credentials: { accessKeyId: string; secretAccessKey: string };
    },
  ) {}
  url = '';

  static async start(s3: RedshiftData['s3']): Promise<RedshiftData> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    cleanup(() => {
      connection.closeSync();
      instance.closeSync();
    });
    await openMacros(connection);
    const data = new RedshiftData(connection, s3);
    data.url = (await AwsServer.start((call) => data.answer(call))).url;
    return data;
  }

  /** The texts of all statements, as they came. */
  readonly texts: string[] = [];

  private answer({ action, values }: Call) {
    if (this.down) return refusal('InternalServerException', 'The server is away', 500);
    const request = values as unknown as Request;
    switch (action) {
      case 'ExecuteStatement':
        return this.submit(request, request.Sql === undefined ? [] : [request.Sql]);
      case 'BatchExecuteStatement':
        return this.submit(request, request.Sqls ?? []);
      case 'DescribeStatement':
        return this.described(request);
      case 'GetStatementResult':
        return this.result(request);
      case 'ListStatements':
        return this.list(request);
      default:
        return refusal('ValidationException', `${action} is not known`);
    }
  }

  private submit(request: Request, sqls: readonly string[]) {
    const { WorkgroupName, Database, StatementName = '', Parameters } = request;
    if (!WorkgroupName || !Database)
      return refusal('ValidationException', 'WorkgroupName and Database are required');
    if (sqls.length === 0 || sqls.length > MOST_STATEMENTS || sqls.some((sql) => sql.trim() === ''))
      return refusal('ValidationException', `A batch has 1 to ${MOST_STATEMENTS} statements`);
    if (Parameters?.length === 0)
      return refusal(
        'ValidationException',
        "Member 'parameters' must have length greater than or equal to 1",
      );
    const unused = Parameters?.find(({ name }) => !sqls.some((sql) => new RegExp(`:${name}\\b`).test(sql)));
    if (unused)
      return refusal('ValidationException', `Parameters list contains unused parameters: ${unused.name}`);
    if (StatementName.length > 500) return refusal('ValidationException', 'StatementName is too long');
    const statement: Statement = {
      ...{ id: randomUUID(), name: StatementName, status: 'SUBMITTED', rows: [], columns: [] },
    };
    this.statements.set(statement.id, statement);
    this.texts.push(...sqls);
    this.last = this.last.then(async () => {
      await this.pause;
      await this.run(
        statement,
        sqls,
        Object.fromEntries((Parameters ?? []).map(({ name, value }) => [name, value])),
      );
    });
    return ok({ Id: statement.id, WorkgroupName, Database });
  }

  private async run(statement: Statement, sqls: readonly string[], parameters: Record<string, string>) {
    statement.status = 'STARTED';
    await this.connection.run('BEGIN TRANSACTION');
    try {
      for (const sql of sqls) await this.runOne(statement, sql, parameters);
      await this.connection.run('COMMIT');
      statement.status = 'FINISHED';
    } catch (error) {
      await this.connection.run('ROLLBACK');
      statement.status = 'FAILED';
      statement.error = `ERROR: ${(error as Error).message}`;
    }
  }

  private async runOne(statement: Statement, sql: string, parameters: Record<string, string>) {
    const [, kind, bucket = '', prefix = ''] = COPY.exec(sql) ?? [];
    if (kind) return this.copy(kind as Kind, bucket, prefix);
    const used = Object.fromEntries(
      Object.entries(parameters).filter(([name]) => new RegExp(`:${name}\\b`).test(sql)),
    );
    const { rows, columns } = await runOn(this.connection, sql.replace(/ SORTKEY \(\w+\)$/, ''), used);
    statement.rows = rows;
    statement.columns = columns.map(({ name, type }) => ({ name, typeName: TYPE_NAMES[type] ?? 'varchar' }));
    return undefined;
  }

  private async copy(kind: Kind, bucket: string, prefix: string) {
    const { url: endpoint, credentials } = this.s3;
    const blobs = openS3Blobs(bucket, { endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    let copied = false;
    await withFiles(blobs, prefix, async (folder) => {
      await this.connection.run(copySql(kind, folder));
      copied = true;
    });
    if (!copied) throw new Error(`The specified S3 prefix '${prefix}' does not exist`);
  }

  private described({ Id = '' }: Request) {
    const found = this.statements.get(Id);
    if (!found) return refusal('ResourceNotFoundException', `No statement has the id ${Id}`);
    const { status, error, columns } = found;
    return ok({ Id, Status: status, HasResultSet: columns.length > 0, ...(error && { Error: error }) });
  }

  private result({ Id = '', NextToken = '0' }: Request) {
    const found = this.statements.get(Id);
    if (found?.status !== 'FINISHED' || found.columns.length === 0)
      return refusal('ResourceNotFoundException', 'The statement has no result');
    const start = Number(NextToken);
    const rows = found.rows.slice(start, start + ROWS_PER_PAGE);
    const more = start + ROWS_PER_PAGE < found.rows.length;
    return ok({
      ColumnMetadata: found.columns.map(({ name, typeName }) => ({ name, label: name, typeName })),
      Records: rows.map((row) => found.columns.map(({ name, typeName }) => field(row[name], typeName))),
      TotalNumRows: found.rows.length,
      ...(more && { NextToken: String(start + ROWS_PER_PAGE) }),
    });
  }

  /** Names are matched by their beginning. */
  private list({ StatementName = '', Status = 'FINISHED' }: Request) {
    this.listed++;
    const found = [...this.statements.values()].filter(
      ({ name, status }) => name.startsWith(StatementName) && (Status === 'ALL' || status === Status),
    );
    return ok({
      Statements: found.map(({ id, name, status }) => ({ Id: id, StatementName: name, Status: status })),
    });
  }
}

/** Types of a result, by DuckDB's names. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  BIGINT: 'int8',
  INTEGER: 'int4',
  DOUBLE: 'float8',
  HUGEINT: 'numeric',
  VARCHAR: 'varchar',
};

function field(value: unknown, typeName: string) {
  if (value === null || value === undefined) return { isNull: true };
  if (typeName.startsWith('int')) return { longValue: Number(value) };
  if (typeName === 'float8') return { doubleValue: Number(value) };
  return { stringValue: String(value) };
}

const ok = (content: object) => ({ body: JSON.stringify(content) });
const refusal = (code: string, message: string, status = 400) => ({
  status,
  body: JSON.stringify({ __type: code, message }),
});

import { CfnQueryDefinition, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface SavedQueriesProps {
  /** The folder of the queries in CloudWatch. */
  readonly shop: string;
  /** The log of the hosts in groups. */
  readonly log: ILogGroup;
}

/** Questions of the runbook, as queries of Logs Insights that are one click away. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { shop, log }: SavedQueriesProps) {
    super(scope, id);
    for (const [queryId, { name, query }] of Object.entries(queries)) {
      new CfnQueryDefinition(this, queryId, {
        name: `${shop}/${name}`,
        logGroupNames: [log.logGroupName],
        queryString: query.join('\n| '),
      });
    }
  }
}

/** `seconds` is of nginx, `ms` of the app: each logs a request once. */
const queries = {
  Errors: {
    name: 'Errors by path',
    query: [
      'filter status >= 500 and ispresent(ms)',
      'stats count(*) as errors by method, path, status, @logStream',
      'sort errors desc',
      'limit 50',
    ],
  },
  Faults: {
    name: 'Faults of the app',
    query: [
      'filter level in ["error", "fatal"]',
      'stats count(*) as times, max(@timestamp) as last by msg, err.type, err.message',
      'sort times desc',
      'limit 50',
    ],
  },
  Slow: {
    name: 'Slow requests',
    query: [
      'filter seconds > 1 and method != ""',
      'fields @timestamp, requestId, method, path, status, seconds, upstreamSeconds, upstream',
      'sort seconds desc',
      'limit 100',
    ],
  },
  Refused: {
    name: 'Refused requests',
    query: [
      'filter msg = "too many requests: some are refused"',
      'stats max(refused.read) as reads, max(refused.write) as writes, max(refused.critical) as critical by @logStream, bin(5m)',
      'sort @logStream',
    ],
  },
  Clients: {
    name: 'Clients with most requests',
    query: [
      'filter ispresent(client)',
      'stats count(*) as requests, sum(bytes) as sent by client',
      'sort requests desc',
      'limit 50',
    ],
  },
  Request: {
    name: 'One request through every hop',
    query: [
      'filter requestId = "put the X-Request-Id here"',
      'fields @timestamp, @logStream, method, path, status, seconds, ms, upstream, msg',
      'sort @timestamp',
    ],
  },
} as const;

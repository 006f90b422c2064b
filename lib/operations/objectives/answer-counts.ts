import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LATEST_ANSWER_SECONDS } from './objectives';

export interface AnswerCountsProps {
  /** The log of the hosts in groups. */
  readonly log: ILogGroup;
  /** Of the metrics. */
  readonly namespace: string;
}

/** Names of the metrics: answers, and those of them that were errors or late. */
export const ANSWER_COUNTS = {
  LogIn: { all: 'LogIns', bad: 'LogInsFailed' },
  Reserve: { all: 'Reservations', bad: 'ReservationsFailed' },
} as const;

/**
 * Counts what the web servers answered, by the lines of their access log. Balancers know no paths; and a count of the app
 * would miss what never reached it.
 */
export class AnswerCounts extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { log: logGroup, namespace: metricNamespace }: AnswerCountsProps,
  ) {
    super(scope, id);
    for (const [objective, path] of Object.entries(paths) as [keyof typeof paths, string][]) {
      const count = (kind: 'all' | 'bad', pattern: string) =>
        new MetricFilter(this, `${objective}${kind === 'bad' ? 'Failed' : ''}`, {
          logGroup,
          metricNamespace,
          metricName: ANSWER_COUNTS[objective][kind],
          filterPattern: FilterPattern.literal(pattern),
          // A line may be delivered twice: it then counts twice in both, and hardly changes their ratio.
          metricValue: '1',
          defaultValue: 0,
        });
      // Only lines of nginx have seconds; the app logs the same request.
      const answered = `$.method = "POST" && $.path = "${path}" && $.seconds >= 0`;
      count('all', `{ ${answered} }`);
      count('bad', `{ ${answered} && ($.status >= 500 || $.seconds > ${LATEST_ANSWER_SECONDS}) }`);
    }
  }
}

const paths = { LogIn: '/api/sessions', Reserve: '/api/reservations*' };

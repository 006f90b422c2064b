import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { cdnMetrics, firewallMetrics, fiveMinutes } from './metrics';
import type { ShopAlarm } from './shop-alarm';

/** The CDN and its firewall, by their names in CloudWatch. */
export interface WatchedEdge {
  readonly distributionId: string;
  /** The metric of the web ACL. */
  readonly webAcl: string;
}

/** Alarms on answers of CloudFront and WAF, which no host ever sees. They are in the region of these (decision 0154). */
export function edgeAlarms({ distributionId, webAcl }: WatchedEdge): ShopAlarm[] {
  const cdn = cdnMetrics(distributionId);
  const firewall = firewallMetrics(webAcl);
  return [
    {
      id: 'CdnErrors',
      what: `More than ${MOST_PERCENT}% of the answers of CloudFront have been 5xx for 15 minutes.`,
      section: 'the-cdn-answers-with-errors',
      metric: new MathExpression({
        expression: `IF(rate * requests / 100 > ${FEW_ERRORS}, rate, 0)`,
        label: '5xx, in percent',
        usingMetrics: { rate: cdn('5xxErrorRate'), requests: cdn('Requests', 'Sum') },
        period: fiveMinutes,
      }),
      threshold: MOST_PERCENT,
      periods: 3,
    },
    {
      id: 'CustomersBlocked',
      what: `WAF has blocked more than ${MOST_BLOCKED_PERCENT}% of all requests for 15 minutes: an attack, or a rule that meets customers.`,
      section: 'requests-are-blocked',
      metric: new MathExpression({
        // Neither has data while there is nothing to count.
        expression: `IF(FILL(blocked, 0) > ${FEW_BLOCKED}, 100 * FILL(blocked, 0) / (FILL(blocked, 0) + FILL(allowed, 0)), 0)`,
        label: 'Blocked, in percent',
        usingMetrics: {
          blocked: firewall('BlockedRequests', 'Sum'),
          allowed: firewall('AllowedRequests', 'Sum'),
        },
        period: fiveMinutes,
      }),
      threshold: MOST_BLOCKED_PERCENT,
      // FILL sets a newest period without data yet to zero: it may be missing.
      periods: 3,
      outOf: 4,
    },
  ];
}

/** In five minutes, as for a balancer: below, one shopper's bad luck at night would be an alarm. */
const FEW_ERRORS = 10;
const MOST_PERCENT = 1;

/** Scanners are always there, with some requests a minute. */
const FEW_BLOCKED = 100;
const MOST_BLOCKED_PERCENT = 5;

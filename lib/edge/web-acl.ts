import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** The web ACL of the CDN (rule EDGE-4): a rate limit per address, then AWS managed rules against common attacks. */
export class WebAcl extends Construct {
  readonly arn: string;

  /** @param metricName of all its requests in CloudWatch; shops of one account have their own */
  constructor(scope: Construct, id: string, metricName: string) {
    super(scope, id);
    const acl = new CfnWebACL(this, 'Default', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: measuredAs(metricName),
      customResponseBodies: { [tooMany]: { contentType: 'APPLICATION_JSON', content: tooManyRequests } },
      rules: [rateLimit, ...managedGroups.map(managedRule), attackInABody].map((rule, priority) => ({
        ...rule,
        priority,
        visibilityConfig: measuredAs(rule.name),
      })),
    });
    this.arn = acl.attrArn;
  }
}

type Rule = Omit<CfnWebACL.RuleProperty, 'priority' | 'visibilityConfig'>;

interface ManagedGroup {
  readonly name: string;
  /** Rules that count and label matches instead of blocking. */
  readonly counted?: readonly string[];
}

/**
 * Twenty requests per second over five minutes from one address: ten people who each click every second, or an office
 * of some hundreds. nginx's 50 per second stops bursts; this stops sustained load before it reaches the origin.
 */
const RATE = { requests: 6000, seconds: 300 } as const;

const tooMany = 'too-many-requests';

/** The same body as nginx sends, so that clients parse one format; WAF cannot set application/problem+json. */
const tooManyRequests = JSON.stringify({
  type: tooMany,
  title: 'Too many requests from one address',
  status: 429,
});

/** The API only: a page is some fifty files, which the CDN's caches serve. */
const rateLimit: Rule = {
  name: 'RateLimit',
  statement: {
    rateBasedStatement: {
      aggregateKeyType: 'IP',
      limit: RATE.requests,
      evaluationWindowSec: RATE.seconds,
      scopeDownStatement: pathBeginsWith('/api/'),
    },
  },
  action: {
    block: {
      customResponse: {
        responseCode: 429,
        customResponseBodyKey: tooMany,
        responseHeaders: [{ name: 'Retry-After', value: '60' }],
      },
    },
  },
};

const managedGroups: readonly ManagedGroup[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList' },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet' },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    counted: [
      // Its limit is 8 KiB. The app accepts bodies up to 64 KiB and refuses larger ones with a problem.
      'SizeRestrictions_BODY',
      // HTTP does not require a User-Agent, and simple API clients send none.
      'NoUserAgent_HEADER',
      'CrossSiteScripting_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
    ],
  },
  { name: 'AWSManagedRulesSQLiRuleSet', counted: ['SQLi_BODY', 'SQLiExtendedPatterns_BODY'] },
];

const managedRule = ({ name, counted }: ManagedGroup): Rule => ({
  name,
  statement: {
    managedRuleGroupStatement: {
      vendorName: 'AWS',
      name,
      ruleActionOverrides: counted?.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
    },
  },
  overrideAction: { none: {} },
});

/** Blocks matches of the counted rules in a body, except on paths that take passwords, which may contain anything. */
const attackInABody: Rule = {
  name: 'AttackInABody',
  statement: {
    andStatement: {
      statements: [
        {
          orStatement: {
            statements: [
              'core-rule-set:CrossSiteScripting_Body',
              'core-rule-set:GenericLFI_Body',
              'core-rule-set:GenericRFI_Body',
              'sql-database:SQLi_Body',
              'sql-database:SQLiExtendedPatterns_Body',
            ].map((label) => ({
              labelMatchStatement: { scope: 'LABEL', key: `awswaf:managed:aws:${label}` },
            })),
          },
        },
        { notStatement: { statement: pathBeginsWith('/api/users') } },
        { notStatement: { statement: pathBeginsWith('/api/sessions') } },
      ],
    },
  },
  action: { block: {} },
};

/** Matches the path as CloudFront does when it selects a behavior: `/%61pi/` and `/x/../api/` are `/api/`. */
function pathBeginsWith(searchString: string): CfnWebACL.StatementProperty {
  return {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString,
      textTransformations: [
        { priority: 0, type: 'URL_DECODE' },
        { priority: 1, type: 'NORMALIZE_PATH' },
      ],
    },
  };
}

function measuredAs(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName };
}

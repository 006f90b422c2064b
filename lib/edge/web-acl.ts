import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** The firewall for the web in front of the CDN (rule F4): a limit per address, then AWS's lists of what attacks look like. */
export class WebAcl extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const acl = new CfnWebACL(this, 'Default', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: measuredAs('Shop'),
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
  /** Rules that count and label what they find, and block nothing themselves. */
  readonly counted?: readonly string[];
}

/**
 * Twenty a second over five minutes, from one address: ten people who each click every second, or an office of some
 * hundreds. nginx's 50 a second stops bursts; this stops who goes on, before it costs a request to the origin.
 */
const RATE = { requests: 6000, seconds: 300 } as const;

const tooMany = 'too-many-requests';

/** As nginx says it, so that clients have one shape to read; WAF cannot say application/problem+json. */
const tooManyRequests = JSON.stringify({
  type: tooMany,
  title: 'Too many requests from one address',
  status: 429,
});

/** The API alone: a page is some fifty files, which the CDN's caches answer. */
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
      // 8 KiB: bodies up to 64 KiB are legal, and the app refuses longer ones in words.
      'SizeRestrictions_BODY',
      // HTTP asks for no User-Agent, and small API clients send none.
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

/** What the counted rules found in a body: blocked, except where people send passwords, which may look like anything. */
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

/** The path as CloudFront reads it when it chooses where a request goes: `/%61pi/` and `/x/../api/` are `/api/`. */
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

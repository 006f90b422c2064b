/**
 * The one place with prices: USD in us-east-1 on demand. `checked` is true only if a page of AWS itself was compared on
 * that date; every output marks the others. Prices of tiers and of other regions are in no phase's default.
 */
export interface Price {
  readonly service: string;
  readonly usd: number;
  /** The unit that is billed. */
  readonly per: string;
  readonly source: string;
  /** ISO 8601. */
  readonly date: string;
  readonly checked: boolean;
  /** Units that cost nothing in each month of an account, for good. Default: none. */
  readonly free?: number;
  /** Lower prices of what is beyond a number of units; ascending. Default: one price for all. */
  readonly tiers?: readonly { readonly beyond: number; readonly usd: number }[];
}

const FROM_MEMORY = {
  source: "AWS's public price list, from memory",
  date: '2026-11-26',
  checked: false,
} as const;
const cloudFrontPage = {
  source: 'aws.amazon.com/cloudfront/pricing, a stored copy',
  date: '2026-11-26',
  checked: true,
} as const;
const thirdParties = {
  source: 'comparisons by third parties in 2026, which agree',
  date: '2026-11-26',
  checked: false,
} as const;

const ec2 = (usd: number) => ({ service: 'EC2', usd, per: 'hour', ...FROM_MEMORY }) as const;
const cloudWatch = { service: 'CloudWatch', ...FROM_MEMORY } as const;
const s3 = { service: 'S3', ...FROM_MEMORY } as const;
const cloudFront = { service: 'CloudFront', ...cloudFrontPage } as const;
const waf = { service: 'WAF', ...thirdParties } as const;
const aurora = { service: 'Aurora', ...FROM_MEMORY } as const;
const valkey = { service: 'ElastiCache', ...thirdParties } as const;
const balancer = { service: 'ELB', ...FROM_MEMORY } as const;
const dynamo = { service: 'DynamoDB', ...FROM_MEMORY } as const;
const redshift = { service: 'Redshift', ...FROM_MEMORY } as const;
const lambda = { service: 'Lambda', ...FROM_MEMORY } as const;

export const PRICES = {
  't4g.small': ec2(0.0168),
  't4g.medium': ec2(0.0336),
  't4g.large': ec2(0.0672),
  'c7g.medium': ec2(0.0363),
  'c7g.large': ec2(0.0725),
  'c7g.xlarge': ec2(0.145),
  'm7g.medium': ec2(0.0408),
  'm7g.large': ec2(0.0816),
  'm7g.2xlarge': ec2(0.3264),
  'r7g.16xlarge': ec2(3.4272),

  'gp3 volume': { service: 'EBS', usd: 0.08, per: 'GB-month', ...FROM_MEMORY },
  'volume snapshot': { service: 'EBS', usd: 0.05, per: 'GB-month', ...FROM_MEMORY },
  'public address': { service: 'VPC', usd: 0.005, per: 'hour', ...FROM_MEMORY },
  'interface endpoint': { service: 'PrivateLink', usd: 0.01, per: 'hour', ...FROM_MEMORY },
  'endpoint traffic': { service: 'PrivateLink', usd: 0.01, per: 'GB', ...FROM_MEMORY },
  'traffic between zones': { service: 'EC2', usd: 0.02, per: 'GB', ...FROM_MEMORY },
  'traffic to the internet': {
    service: 'EC2',
    usd: 0.09,
    per: 'GB',
    free: 100,
    tiers: [
      { beyond: 10_000, usd: 0.085 },
      { beyond: 50_000, usd: 0.07 },
      { beyond: 150_000, usd: 0.05 },
    ],
    ...FROM_MEMORY,
  },

  'load balancer': { ...balancer, usd: 0.0225, per: 'hour' },
  'balancer capacity': { ...balancer, usd: 0.008, per: 'unit-hour' },

  'capacity unit': { service: 'Aurora', usd: 0.12, per: 'unit-hour', ...thirdParties },
  'rows stored': { ...aurora, usd: 0.1, per: 'GB-month' },
  'reads and writes of storage': { ...aurora, usd: 0.2, per: 'million' },
  'database backup': { ...aurora, usd: 0.021, per: 'GB-month' },

  'cache memory': { ...valkey, usd: 0.084, per: 'GB-hour' },
  'cache work': { ...valkey, usd: 0.0023, per: 'million' },

  'objects stored': { ...s3, usd: 0.023, per: 'GB-month' },
  'objects written': { ...s3, usd: 5, per: 'million' },
  'objects read': { ...s3, usd: 0.4, per: 'million' },

  'CDN requests': { service: 'CloudFront', usd: 1, per: 'million', free: 10, ...FROM_MEMORY },
  'CDN traffic': {
    ...cloudFront,
    usd: 0.085,
    per: 'GB',
    free: 1_000,
    tiers: [
      { beyond: 10_000, usd: 0.08 },
      { beyond: 50_000, usd: 0.06 },
      { beyond: 150_000, usd: 0.04 },
      { beyond: 500_000, usd: 0.03 },
    ],
  },
  'CDN function calls': { service: 'CloudFront', usd: 0.1, per: 'million', free: 2, ...thirdParties },

  'web ACL': { ...waf, usd: 5, per: 'month' },
  'web ACL rule': { ...waf, usd: 1, per: 'month' },
  'requests inspected': { ...waf, usd: 0.6, per: 'million' },

  secret: { service: 'Secrets Manager', usd: 0.4, per: 'month', ...FROM_MEMORY },
  key: { service: 'KMS', usd: 1, per: 'month', ...FROM_MEMORY },
  'exportable certificate': { service: 'ACM', usd: 1.4, per: 'month', ...FROM_MEMORY },

  'alarm metric': { ...cloudWatch, usd: 0.1, per: 'month', free: 10 },
  'composite alarm': { ...cloudWatch, usd: 0.5, per: 'month' },
  metric: { ...cloudWatch, usd: 0.3, per: 'month', free: 10 },
  'logs ingested': { ...cloudWatch, usd: 0.5, per: 'GB', free: 5 },
  'logs kept': { ...cloudWatch, usd: 0.03, per: 'GB-month' },
  dashboard: { ...cloudWatch, usd: 3, per: 'month', free: 3 },
  'canary runs': { ...cloudWatch, usd: 1_200, per: 'million', free: 0.0001 },
  'data events': { service: 'CloudTrail', usd: 1, per: 'million', ...FROM_MEMORY },

  'function calls': { ...lambda, usd: 0.2, per: 'million', free: 1 },
  'function time': { ...lambda, usd: 0.0000133334, per: 'GB-second', free: 400_000 },
  messages: { service: 'SQS', usd: 0.4, per: 'million', free: 1, ...FROM_MEMORY },

  'items written': { ...dynamo, usd: 0.625, per: 'million' },
  'items read': { ...dynamo, usd: 0.125, per: 'million' },
  'items stored': { ...dynamo, usd: 0.25, per: 'GB-month', free: 25 },
  'items backed up': { ...dynamo, usd: 0.2, per: 'GB-month' },

  'warehouse time': { ...redshift, usd: 0.375, per: 'unit-hour' },
  'warehouse storage': { ...redshift, usd: 0.024, per: 'GB-month' },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
/** The unit of a price, as a type: a quantity in another unit does not compile. */
export type UnitOf<Name extends PriceName> = (typeof PRICES)[Name]['per'];

export const priceOf = (name: PriceName): Price => PRICES[name];

/** USD for a number of units, by tiers. */
export function charge({ usd, tiers = [] }: Price, units: number): number {
  const steps = [{ beyond: 0, usd }, ...tiers];
  return steps.reduce((sum, step, at) => {
    const until = steps[at + 1]?.beyond ?? Number.POSITIVE_INFINITY;
    return sum + Math.max(0, Math.min(units, until) - step.beyond) * step.usd;
  }, 0);
}

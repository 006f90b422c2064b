import { originsFrom } from '../lambda/shared/http/cross-origin';

/** The value of an option, or its allowed values and the way to set it. */
export type Parsed<T> = { readonly value: T } | { readonly allowed: string; readonly how: string };

const secretName = /^[\w/+=.@-]{1,128}$/;
const namesASecret = 'allowed: the name of a secret in Secrets Manager, not its ARN';

/** One parser per plain option. Each accepts the string of `-c` and the JSON of cdk.json. */
export const optionParsers = {
  name: matching(
    /^[A-Z][A-Za-z0-9]{0,19}$/,
    'allowed: a capital letter, then up to 19 letters and digits',
    '-c name=Staging; a shop that is deployed keeps its name',
  ),
  region: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'allowed: an AWS region', '-c region=eu-west-1'),
  domain: matching(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])$/,
    'allowed: a host name in lower case, in Punycode if it has other letters',
    '-c domain=shop.example.com',
  ),
  hostedZoneId: matching(
    /^Z[A-Z0-9]{5,31}$/,
    'allowed: the id of a Route 53 public hosted zone',
    '-c hostedZoneId=Z0123456789ABCDEFGHIJ',
  ),
  alarmEmail: matching(
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    'allowed: an e-mail address',
    '-c alarmEmail=you@example.com',
  ),
  unwatched: matching(/^(users|inventory)$/, 'allowed: users, inventory', '-c unwatched=users'),
  pagerduty: matching(secretName, namesASecret, '-c pagerduty=shop/pagerduty, a secret {"key": "…"}'),
  sentry: matching(secretName, namesASecret, '-c sentry=shop/sentry, a secret {"dsn": "…"}'),
  repository: matching(
    /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.+$)[A-Za-z0-9_.-]{1,100}$/,
    'allowed: owner/name of a repository on GitHub, without wildcards',
    '-c repository=owner/name',
  ),
  oidcProvider: matching(
    /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/,
    "allowed: the ARN of the account's identity provider for GitHub",
    '-c oidcProvider=arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com',
  ),
  imageRelease: matching(
    /^[\w.-]{1,64}$/,
    'allowed: a word of letters, digits, dots and dashes',
    '"imageRelease" in cdk.json; a new word takes the newest image',
  ),
  dataVolumeGiB: (value: unknown): Parsed<number> => {
    const size = Number(value);
    return Number.isInteger(size) && size >= 8 && size <= 16_384
      ? { value: size }
      : {
          allowed: 'allowed: a whole number from 8 to 16384 (GiB), never less than before',
          how: '-c dataVolumeGiB=20',
        };
  },
  userShards: (value: unknown): Parsed<number> => {
    const shards = Number(value);
    return Number.isInteger(shards) && shards >= 1 && shards <= 16
      ? { value: shards }
      : {
          allowed: 'allowed: a whole number from 1 to 16 of clusters for users, never less than before',
          how: '"userShards" in cdk.json',
        };
  },
  allowedOrigins: (value: unknown): Parsed<string[]> => {
    const origins = Array.isArray(value) ? value.map(String) : String(value).split(',');
    try {
      return { value: originsFrom(origins.join(' ')) };
    } catch {
      return {
        allowed:
          'allowed: origins of other front ends, each a scheme, a host in lower case and perhaps a port',
        how: '-c allowedOrigins=https://app.example.com,https://admin.example.com:8443',
      };
    }
  },
  sshCidrs: (value: unknown): Parsed<string[]> => {
    const cidrs = (Array.isArray(value) ? value.map(String) : String(value).split(',')).map((c) => c.trim());
    return cidrs.every(isNarrowCidr)
      ? { value: cidrs }
      : {
          allowed:
            'allowed: IPv4 ranges of /8 or narrower, never 0.0.0.0/0 (leave it out to use EC2 Instance Connect)',
          how: '-c sshCidrs=203.0.113.7/32,198.51.100.0/24',
        };
  },
};

function matching(pattern: RegExp, allowed: string, how: string): (value: unknown) => Parsed<string> {
  return (value) => (typeof value === 'string' && pattern.test(value) ? { value } : { allowed, how });
}

/** IPv4 only: the VPC has no IPv6. EC2 refuses a range with host bits set. */
function isNarrowCidr(cidr: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr)?.slice(1).map(Number);
  if (!parts) return false;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = parts;
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hostMask = bits === 32 ? 0 : 0xffffffff >>> bits;
  return [a, b, c, d].every((byte) => byte <= 255) && bits >= 8 && bits <= 32 && (address & hostMask) === 0;
}

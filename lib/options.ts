/** What a context value says, or what it should have said and how to say it. */
export type Reading<T> = { readonly value: T } | { readonly allowed: string; readonly how: string };

/** One reader an option that is a plain value; each accepts the string of `-c` and the JSON of cdk.json. */
export const optionReaders = {
  region: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'allowed: an AWS region', '-c region=eu-west-1'),
  domain: matching(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'allowed: a host name in lower case',
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
  imageRelease: matching(
    /^[\w.-]{1,64}$/,
    'allowed: a word of letters, digits, dots and dashes',
    '"imageRelease" in cdk.json; a new word takes the newest image',
  ),
  dataVolumeGiB: (value: unknown): Reading<number> => {
    const size = Number(value);
    return Number.isInteger(size) && size >= 8 && size <= 16_384
      ? { value: size }
      : {
          allowed: 'allowed: a whole number from 8 to 16384 (GiB), never less than before',
          how: '-c dataVolumeGiB=20',
        };
  },
  sshCidrs: (value: unknown): Reading<string[]> => {
    const cidrs = (Array.isArray(value) ? value.map(String) : String(value).split(',')).map((c) => c.trim());
    return cidrs.every(isNarrowCidr)
      ? { value: cidrs }
      : {
          allowed:
            'allowed: IPv4 ranges of /8 or narrower, never everybody (leave it out to use EC2 Instance Connect)',
          how: '-c sshCidrs=203.0.113.7/32,198.51.100.0/24',
        };
  },
};

function matching(pattern: RegExp, allowed: string, how: string): (value: unknown) => Reading<string> {
  return (value) => (typeof value === 'string' && pattern.test(value) ? { value } : { allowed, how });
}

/** IPv4 only: the VPC has no IPv6. A range must start where it says, or EC2 refuses it at deploy. */
function isNarrowCidr(cidr: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr)?.slice(1).map(Number);
  if (!parts) return false;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = parts;
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hostMask = bits === 32 ? 0 : 0xffffffff >>> bits;
  return [a, b, c, d].every((byte) => byte <= 255) && bits >= 8 && bits <= 32 && (address & hostMask) === 0;
}

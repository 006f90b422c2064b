import type { Parsed } from '../option-parsers';

/** Names of availability zones, in the order of the address plan: the box, its data and the writer are in the first. */
export type Zones = readonly [string, string, string];

/**
 * Letters of the zones that accounts have in a region, by "AWS Availability Zones" (AWS Regions and Availability Zones
 * guide) and the output of `describe-availability-zones`. A name is not a place: in the oldest regions each account has
 * its own map, so the deployer checks the offers of a zone (docs/deploy.md). us-west-1 gives an account two zones.
 */
const usual: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abc',
  'ap-northeast-3': 'abc',
  'ap-south-1': 'abc',
  'ap-southeast-1': 'abc',
  'ap-southeast-2': 'abc',
  'ca-central-1': 'abd',
  'eu-central-1': 'abc',
  'eu-north-1': 'abc',
  'eu-west-1': 'abc',
  'eu-west-2': 'abc',
  'eu-west-3': 'abc',
  'sa-east-1': 'abc',
  // Of a to f, the one without Graviton, Lambda and Aurora is use1-az3, which most accounts know as e.
  'us-east-1': 'abc',
  'us-east-2': 'abc',
  'us-west-2': 'abc',
};

/** Undefined for a region that the table does not have. */
export function defaultZones(region: string): Zones | undefined {
  const letters = usual[region];
  return letters ? zonesOf(letters, region) : undefined;
}

/** The reader of the option, for one region: three different zones of it, and no Local Zones. */
export function zonesReader(region: string): (value: unknown) => Parsed<Zones> {
  return (value) => {
    const names = (Array.isArray(value) ? value.map(String) : String(value).split(',')).map((n) => n.trim());
    const fits = names.every((name) => name.startsWith(region) && /^[a-z]$/.test(name.slice(region.length)));
    return fits && names.length === 3 && new Set(names).size === 3
      ? { value: names as unknown as Zones }
      : { allowed: allowedZones(region), how: howToSetZones(region) };
  };
}

export function noZones(region: string): string {
  return `zones: none were given, and ${region} has no default; ${allowedZones(region)}. Set them with ${howToSetZones(region)}`;
}

function allowedZones(region: string): string {
  const command = `aws ec2 describe-availability-zones --region ${region} --filters Name=zone-type,Values=availability-zone`;
  return `allowed: three zones of ${region}, which this lists: ${command} --query 'AvailabilityZones[].[ZoneName,ZoneId]' --output text`;
}

function howToSetZones(region: string): string {
  return `-c zones=${zonesOf('abc', region).join(',')}`;
}

function zonesOf(letters: string, region: string): Zones {
  return [...letters].map((letter) => `${region}${letter}`) as unknown as Zones;
}

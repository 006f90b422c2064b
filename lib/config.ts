import { type BoxSize, boxSizes } from './compute/box/instance-types';
import type { Domain } from './domain';
import { DEFAULT_SHOP } from './names';
import { defaultZones, noZones, type Zones, zonesReader } from './network/zones';
import { optionParsers, type Parsed } from './option-parsers';
import { type Phase, phaseNumbered, phases } from './phases';

/** The options of a deployment: `-c name=value` on the command line, or "context" in cdk.json. */
export interface Config {
  readonly phase: Phase;
  /** Prefix of every stack name, so that several shops fit into one account. */
  readonly name: string;
  readonly region: string;
  readonly zones: Zones;
  /** Without it, the shop has an address and no name. */
  readonly domain?: Domain;
  /** Address ranges that may reach port 22. Empty: SSH only through an EC2 Instance Connect endpoint. */
  readonly sshCidrs: readonly string[];
  /** Origins of other front ends whose pages may call the API (decision 0223). */
  readonly allowedOrigins: readonly string[];
  readonly boxSize: BoxSize;
  readonly dataVolumeGiB: number;
  /** Clusters over which users may be divided, from phase 6 on (decision 0208). */
  readonly userShards: number;
  readonly alarmEmail?: string;
  /** A service whose alarms go first, so that its hosts and functions may take each other's place (decision 0168). */
  readonly unwatched?: string;
  /** Names of secrets with the keys of services that incidents are reported to, from phase 5 on. */
  readonly pagerduty?: string;
  readonly sentry?: string;
  /** Deploys by GitHub Actions from this repository, `owner/name`. Undefined: by hand alone. */
  readonly repository?: string;
  /** The account's identity provider for GitHub. Undefined: the shop makes it. */
  readonly oidcProvider?: string;
  /** Any word. The newest Amazon Linux 2023 image is looked up only when it changes. */
  readonly imageRelease: string;
}

/** Invalid options. The message lists for each the given value, the allowed values and the way to set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @param context every context value of the app; @param defaultRegion the region that the CLI would use */
export function readConfig(context: Readonly<Record<string, unknown>>, defaultRegion: string): Config {
  const problems: string[] = [];
  const given = <T>(name: string, read: (value: unknown) => Parsed<T>, absent: T): T => {
    const value = context[name];
    if (value === undefined || value === '') return absent;
    const reading = read(value);
    if ('value' in reading) return reading.value;
    problems.push(
      `${name}: ${JSON.stringify(value)} was given; ${reading.allowed}. Set it with ${reading.how}`,
    );
    return absent;
  };
  const region = given('region', optionParsers.region, defaultRegion);
  const zones = given('zones', zonesReader(region), defaultZones(region));
  if (!zones && !context.zones) problems.push(noZones(region));
  const config = {
    region,
    phase: given('phase', readPhase, phases[0] as Phase),
    name: given('name', optionParsers.name, DEFAULT_SHOP),
    sshCidrs: given('sshCidrs', optionParsers.sshCidrs, []),
    allowedOrigins: given('allowedOrigins', optionParsers.allowedOrigins, []),
    boxSize: given('instanceType', readBoxSize, boxSizes[0] as BoxSize),
    dataVolumeGiB: given('dataVolumeGiB', optionParsers.dataVolumeGiB, 20),
    userShards: given('userShards', optionParsers.userShards, 1),
    alarmEmail: given<string | undefined>('alarmEmail', optionParsers.alarmEmail, undefined),
    unwatched: given<string | undefined>('unwatched', optionParsers.unwatched, undefined),
    pagerduty: given<string | undefined>('pagerduty', optionParsers.pagerduty, undefined),
    sentry: given<string | undefined>('sentry', optionParsers.sentry, undefined),
    repository: given<string | undefined>('repository', optionParsers.repository, undefined),
    oidcProvider: given<string | undefined>('oidcProvider', optionParsers.oidcProvider, undefined),
    imageRelease: given('imageRelease', optionParsers.imageRelease, '2026-11'),
  };
  const domain = given('domain', optionParsers.domain, '');
  const hostedZoneId = given('hostedZoneId', optionParsers.hostedZoneId, '');
  if (Boolean(context.domain) !== Boolean(context.hostedZoneId)) problems.push(halfADomain);
  if (config.oidcProvider && !config.repository) problems.push(providerOfNothing);
  problems.push(...unknownOptions(context));
  if (problems.length > 0 || !zones) {
    throw new ConfigError(`Invalid configuration:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  }
  return { ...config, zones, domain: domain ? { name: domain, hostedZoneId } : undefined };
}

const halfADomain =
  'domain and hostedZoneId: one was given without the other; both or neither are allowed. Set them with ' +
  '-c domain=shop.example.com -c hostedZoneId=Z0123456789ABCDEFGHIJ';

const providerOfNothing =
  'oidcProvider: one was given; allowed: beside repository, which makes the pipeline. Set it with -c repository=owner/name';

const options = [
  'phase',
  'name',
  'region',
  'zones',
  'domain',
  'hostedZoneId',
  'sshCidrs',
  'allowedOrigins',
  'instanceType',
  'dataVolumeGiB',
  'userShards',
  'alarmEmail',
  'unwatched',
  'pagerduty',
  'sentry',
  'repository',
  'oidcProvider',
  'imageRelease',
];

/** The CDK's own keys all hold one of these characters (`@aws-cdk/…`, `aws:cdk:…`, `availability-zones:account=…`). */
function unknownOptions(context: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(context)
    .filter((key) => !/[@:/]/.test(key) && !options.includes(key))
    .map((key) => `${key}: unknown option; the options are ${options.join(', ')}`);
}

function readPhase(value: unknown): Parsed<Phase> {
  const phase = phaseNumbered(Number(value));
  const allowed = `allowed: ${phases.map((p) => `${p.number} (${p.title})`).join(', ')}`;
  return phase ? { value: phase } : { allowed, how: '"phase" in cdk.json, or -c phase=1 to review' };
}

function readBoxSize(value: unknown): Parsed<BoxSize> {
  const size = boxSizes.find(({ name }) => name === value);
  const allowed = `allowed (Graviton): ${boxSizes.map(({ name }) => name).join(', ')}`;
  return size ? { value: size } : { allowed, how: '-c instanceType=m7g.large' };
}

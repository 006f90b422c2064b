import { type BoxSize, boxSizes } from './compute/box/instance-types';
import { optionReaders, type Reading } from './options';
import { type Phase, phaseNumbered, phases } from './phases';

/** Everything that a deployer may choose: `-c name=value` on the command line, or "context" in cdk.json. */
export interface Config {
  readonly phase: Phase;
  readonly region: string;
  /** The shop's name on the internet and the Route 53 zone it is in; without it, the address alone. */
  readonly domain?: { readonly name: string; readonly hostedZoneId: string };
  /** Who may reach port 22; nobody: through an EC2 Instance Connect endpoint only. */
  readonly sshCidrs: readonly string[];
  readonly boxSize: BoxSize;
  readonly dataVolumeGiB: number;
  readonly alarmEmail?: string;
  /** Any word. When it changes, and only then, the newest Amazon Linux 2023 image is looked up. */
  readonly imageRelease: string;
}

/** The chosen options do not make a shop; the message says for each what was given, what is allowed, how to set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @param context every context value of the app; @param defaultRegion the region that the CLI would use */
export function readConfig(context: Readonly<Record<string, unknown>>, defaultRegion: string): Config {
  const problems: string[] = [];
  const given = <T>(name: string, read: (value: unknown) => Reading<T>, absent: T): T => {
    const value = context[name];
    if (value === undefined || value === '') return absent;
    const reading = read(value);
    if ('value' in reading) return reading.value;
    problems.push(
      `${name}: ${JSON.stringify(value)} was given; ${reading.allowed}. Set it with ${reading.how}`,
    );
    return absent;
  };
  const config = {
    phase: given('phase', readPhase, phases[0] as Phase),
    region: given('region', optionReaders.region, defaultRegion),
    sshCidrs: given('sshCidrs', optionReaders.sshCidrs, []),
    boxSize: given('instanceType', readBoxSize, boxSizes[0] as BoxSize),
    dataVolumeGiB: given('dataVolumeGiB', optionReaders.dataVolumeGiB, 20),
    alarmEmail: given<string | undefined>('alarmEmail', optionReaders.alarmEmail, undefined),
    imageRelease: given('imageRelease', optionReaders.imageRelease, '2026-11'),
  };
  const name = given('domain', optionReaders.domain, '');
  const hostedZoneId = given('hostedZoneId', optionReaders.hostedZoneId, '');
  if (Boolean(context.domain) !== Boolean(context.hostedZoneId)) problems.push(halfADomain);
  problems.push(...unknownOptions(context));
  if (problems.length > 0) {
    throw new ConfigError(
      `This is not a shop that can be built:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  }
  return { ...config, domain: name ? { name, hostedZoneId } : undefined };
}

const halfADomain =
  'domain and hostedZoneId: one was given without the other; both or neither are allowed. Set them with ' +
  '-c domain=shop.example.com -c hostedZoneId=Z0123456789ABCDEFGHIJ';

const options = [
  'phase',
  'region',
  'domain',
  'hostedZoneId',
  'sshCidrs',
  'instanceType',
  'dataVolumeGiB',
  'alarmEmail',
  'imageRelease',
];

/** The CDK's own keys all hold one of these characters (`@aws-cdk/…`, `aws:cdk:…`, `availability-zones:account=…`). */
function unknownOptions(context: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(context)
    .filter((key) => !/[@:/]/.test(key) && !options.includes(key))
    .map((key) => `${key}: there is no such option; the options are ${options.join(', ')}`);
}

function readPhase(value: unknown): Reading<Phase> {
  const phase = phaseNumbered(Number(value));
  const allowed = `allowed: ${phases.map((p) => `${p.number} (${p.title})`).join(', ')}`;
  return phase ? { value: phase } : { allowed, how: '"phase" in cdk.json, or -c phase=1 to review' };
}

function readBoxSize(value: unknown): Reading<BoxSize> {
  const size = boxSizes.find(({ name }) => name === value);
  const allowed = `allowed (Graviton): ${boxSizes.map(({ name }) => name).join(', ')}`;
  return size ? { value: size } : { allowed, how: '-c instanceType=m7g.large' };
}

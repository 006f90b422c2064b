import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phases } from '../../lib/phases';
import type { Json, Resource } from '../../review/cloudformation';
import { type Synthesis, synthesisOf } from '../../review/synthesis';

/** A phase as a deployer would get it, with the options of the second part of its name. */
export interface SynthesizedPhase extends Synthesis {
  readonly number: number;
  readonly options: keyof typeof variants;
}

/** Nothing chosen, and everything chosen: between them every construct of a phase is made. */
export const variants = {
  default: {},
  everything: {
    domain: 'shop.example.com',
    hostedZoneId: 'Z0123456789ABCDEFGHIJ',
    sshCidrs: ['203.0.113.7/32'],
    alarmEmail: 'shop@example.com',
    region: 'eu-west-1',
    instanceType: 'm7g.large',
    pagerduty: 'shop/pagerduty',
    sentry: 'shop/sentry',
    userShards: 2,
  },
  /** A second shop in the same account and region. */
  staging: { name: 'Staging' },
} as const;

export const settings: Record<string, unknown> = JSON.parse(
  readFileSync(join(__dirname, '../../cdk.json'), 'utf8'),
).context;

/** Every phase that exists, with each set of options; synthesized once a run. */
export const everyPhase = phases.flatMap(({ number }) =>
  (['default', 'everything'] as const).map((options) => ({ number, options })),
);

const made = new Map<string, SynthesizedPhase>();

export function synthesized(number: number, options: keyof typeof variants = 'default'): SynthesizedPhase {
  const key = `${number} ${options}`;
  const known = made.get(key);
  if (known) return known;
  const phase = {
    number,
    options,
    ...onceInThisRun(`${number}-${options}.json`, () => synthesis(number, options)),
  };
  made.set(key, phase);
  return phase;
}

/** Loaded on demand: the CDK costs a suite seconds. */
function synthesis(number: number, options: keyof typeof variants): Synthesis {
  const { synthesizePhase }: typeof import('../../review/synthesize') = require('../../review/synthesize');
  return synthesisOf(synthesizePhase({ number }, { context: variants[options] }));
}

/** The first suite that asks synthesizes, and the others read the result in the folder of the run. */
function onceInThisRun(name: string, synthesize: () => Synthesis): Synthesis {
  const file = join(tmpdir(), name);
  if (!existsSync(file)) {
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(synthesize()));
    renameSync(`${file}.${process.pid}`, file);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

export interface DeployedResource {
  readonly phase: string;
  readonly stack: string;
  readonly id: string;
  readonly resource: Resource;
  readonly properties: Readonly<Record<string, Json>>;
}

/** Every resource of the given types (all, without) in every phase that exists. */
export function resources(...types: readonly string[]): DeployedResource[] {
  return everyPhase.flatMap(({ number, options }) =>
    Object.entries(synthesized(number, options).templates).flatMap(([stack, { Resources = {} }]) =>
      Object.entries(Resources)
        .filter(([, { Type }]) => types.length === 0 || types.includes(Type))
        .map(([id, resource]) => ({
          phase: `${number} ${options}`,
          stack,
          id,
          resource,
          properties: resource.Properties ?? {},
        })),
    ),
  );
}

/** The templates of its phase. */
export function templatesOf({ phase }: Pick<DeployedResource, 'phase'>): SynthesizedPhase['templates'] {
  const [number, options] = phase.split(' ') as [string, keyof typeof variants];
  return synthesized(Number(number), options).templates;
}

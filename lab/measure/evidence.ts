import { join } from 'node:path';
import { ROOT } from '../../lib/root';
import { constant, poisson } from '../load/arrivals';
import { seeded } from '../load/random';
import type { CpuProfile } from '../profile/cpu-profile';
import { type Frame, framesOf } from '../profile/flame-graph';
import type { Scenario } from '../scenarios/scenarios';
import { cacheLookups } from '../servers/cache';
import type { Component } from '../servers/components';
import type { LabShop } from '../servers/shop';
import { watchAccessLog } from './access-log';
import { type AppEvidence, type AppProbe, openAppProbe } from './app-probe';
import { type Instruments, measured } from './demand';

/** Observations at one rate, below saturation. */
export interface Evidence {
  readonly rate: number;
  /** By process of the app. */
  readonly apps: Readonly<Record<string, AppEvidence>>;
  /** Used share of a core, by component. */
  readonly utilization: Readonly<Partial<Record<Component, number>>>;
  /** Microseconds that a request's threads waited for a core, by component. */
  readonly runQueueUs: Readonly<Partial<Record<Component, number>>>;
  readonly statementsPerRequest: number;
  readonly rowsPerRequest: number;
  readonly flushesPerRequest: number;
  readonly lockWaitMsPerRequest: number;
  /** Hit rates of nginx's cache and the shared cache, in phases that have them, and of the database's buffer pool. */
  readonly hitRates: { readonly proxy?: number; readonly cache?: number; readonly bufferPool: number };
  /** CPU profile of the busiest process of the app. */
  readonly profile: { readonly process: string; readonly frames: Frame };
}

export interface EvidenceOptions {
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Observes the servers while a scenario runs. Separate from the other measurements, since observing costs CPU. */
export async function gatherEvidence(
  instruments: Instruments,
  scenario: Scenario,
  options: EvidenceOptions,
): Promise<Evidence> {
  const { shop } = instruments;
  const { rate, seconds, seed } = options;
  const probes = await openProbes(shop);
  try {
    const accessLog = watchAccessLog(shop.accessLog);
    const send = (part: number) =>
      instruments.stage.run(scenario.mix, poisson(constant(rate), rate, seconds * part, seeded(seed)));
    await send(1 / 3);
    for (const { probe } of probes) {
      await probe.look();
      await probe.startProfile();
    }
    accessLog();
    const lookups = shop.phase.cache === 'none' ? undefined : await cacheLookups(shop);
    const { requests, cpu, database } = await measured(instruments, () => send(1));
    const { hitRate } = accessLog();
    const cacheHitRate = lookups && hitRateBetween(lookups, await cacheLookups(shop));
    const looks = await Promise.all(
      probes.map(async ({ name, probe }) => ({
        name,
        seen: await probe.look(),
        profile: await probe.stopProfile(),
      })),
    );
    const busiest = looks.reduce((most, one) =>
      busyness(one.profile) > busyness(most.profile) ? one : most,
    );
    const scaled = (us: Readonly<Partial<Record<Component, number>>>, by: number) =>
      Object.fromEntries(Object.entries(us).map(([name, value]) => [name, value / by]));
    return {
      rate,
      apps: Object.fromEntries(looks.map(({ name, seen }) => [name, seen])),
      utilization: scaled(cpu.run, cpu.seconds * 1e6),
      runQueueUs: scaled(cpu.wait, Math.max(1, requests)),
      statementsPerRequest: database.statements,
      rowsPerRequest: database.rowsExamined,
      flushesPerRequest: database.flushes,
      lockWaitMsPerRequest: database.lockWaitMs,
      hitRates: {
        ...(hitRate !== undefined && { proxy: hitRate }),
        ...(cacheHitRate !== undefined && { cache: cacheHitRate }),
        bufferPool: 1 - database.bufferPoolReads / Math.max(1e-9, database.bufferPoolRequests),
      },
      profile: { process: busiest.name, frames: framesOf(busiest.profile, ROOT) },
    };
  } finally {
    for (const { probe } of probes) probe.close();
  }
}

type Lookups = Awaited<ReturnType<typeof cacheLookups>>;

const hitRateBetween = (before: Lookups, after: Lookups): number => {
  const [hits, misses] = [after.hits - before.hits, after.misses - before.misses];
  return hits / Math.max(1, hits + misses);
};

const openProbes = (shop: LabShop): Promise<{ name: string; probe: AppProbe }[]> =>
  Promise.all(
    shop.apps().map(async ({ name, pid }) => ({
      name,
      probe: await openAppProbe(pid, join(shop.home, `${name}.log`)),
    })),
  );

const IDLE = new Set(['(idle)', '(program)']);

/** Microseconds of samples that were in JavaScript or the garbage collector. */
function busyness({ nodes, samples, timeDeltas }: CpuProfile): number {
  const idle = new Set(nodes.filter(({ callFrame }) => IDLE.has(callFrame.functionName)).map(({ id }) => id));
  return samples.reduce((sum, id, at) => sum + (idle.has(id) ? 0 : (timeDeltas[at] ?? 0)), 0);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../lib/phases';
import { type Bucket, longestSilence, timelineOf } from '../analysis/timeline';
import { poisson } from '../load/arrivals';
import { seeded } from '../load/random';
import type { Result } from '../load/recording';
import { openStage } from '../scenarios/open';
import { openLabShop } from '../servers/shop';
import type { Fault } from './fault';

export interface FaultResult {
  readonly phase: number;
  readonly fault: string;
  readonly about: string;
  readonly rate: number;
  /** The effect on callers, in one sentence. */
  readonly words: string;
  readonly timeline: readonly Bucket[];
  readonly events: readonly { readonly name: string; readonly x: number }[];
  /** Number of wrong answers by error. */
  readonly failures: Readonly<Record<string, number>>;
  readonly wrongRows: readonly string[];
}

export interface FaultOptions {
  readonly phase: Phase;
  readonly fault: Fault;
  readonly products: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** A purchase for every ten reads, so that the fault meets writes too. */
const MIX = { product: 7, 'front page': 2, profile: 1, buy: 1 } as const;
const RATE = 60;
const BEFORE_S = 6;
const AFTER_S = 12;

/** Injects a fault into a shop under load, and measures its effect on callers. */
export async function runFault({ phase, fault, products, seed, say }: FaultOptions): Promise<FaultResult> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-lab-'));
  const restore = fault.prepare?.(folder);
  const shop = await openLabShop({ phase, say, folder });
  try {
    const stage = await openStage(shop, { products, seed, say });
    const seconds = BEFORE_S + fault.seconds + AFTER_S;
    const results: Result[] = [];
    const events: { name: string; x: number }[] = [];
    await stage.run(
      MIX,
      poisson(() => RATE, RATE, 3, seeded(seed)),
    );
    const start = performance.now();
    const happens = (async () => {
      const mark = (name: string) => {
        events.push({ name, x: (performance.now() - start) / 1000 });
        say(`  ${events.at(-1)?.x.toFixed(1)} s: ${name}`);
      };
      await sleep(BEFORE_S * 1000);
      mark(fault.name);
      const undo = await fault.inject(shop);
      await sleep(fault.seconds * 1000);
      await undo();
      mark('over');
    })();
    const arrivals = poisson(() => RATE, RATE, seconds, seeded(seed + 1));
    const load = await stage.run(MIX, arrivals, { onResult: (result) => results.push(result) });
    await happens;
    const failures = load.kinds.all?.errors ?? {};
    say('Comparing the rows with what was acknowledged');
    const wrongRows = await stage.check();
    await stage.close();
    const { name, about } = fault;
    return {
      ...{ phase: phase.number, fault: name, about, rate: RATE, failures, wrongRows, events },
      words: inWords(results, failures),
      timeline: timelineOf(results),
    };
  } finally {
    await shop.close();
    restore?.();
    rmSync(folder, { recursive: true, force: true });
  }
}

function inWords(results: readonly Result[], failures: Readonly<Record<string, number>>): string {
  const failed = Object.values(failures).reduce((sum, times) => sum + times, 0);
  const slowest = results.reduce(
    (most, { error, scheduled, ended }) => (error === undefined ? Math.max(most, ended - scheduled) : most),
    0,
  );
  const which = Object.entries(failures).map(([error, times]) => `${times} × ${error}`);
  return [
    `Of ${results.length} requests ${failed === 0 ? 'none' : failed} failed${failed === 0 ? '' : ` (${which.join(', ')})`};`,
    `the slowest right answer took ${seconds(slowest)}, and the longest time without one was ${seconds(longestSilence(results))}.`,
  ].join(' ');
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

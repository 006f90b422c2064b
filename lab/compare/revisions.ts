import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Phase } from '../../lib/phases';
import { ROOT } from '../../lib/root';
import { type Comparison, compareUntilDecided, type Pair } from '../analysis/paired';
import { total } from '../analysis/utilization';
import { evenly } from '../load/arrivals';
import { openDatabaseProbe } from '../measure/database';
import { type Instruments, measured, openInstruments } from '../measure/demand';
import { openStage } from '../scenarios/open';
import type { Scenario } from '../scenarios/scenarios';
import { openLabShop } from '../servers/shop';

/** Together a thousand requests: with fewer, who reads what makes more of a difference than the code. */
const RATE = 400;
const SECONDS = 2.5;
/** Of one measurement. */
export const REQUESTS = RATE * SECONDS;
const PRODUCTS = 2000;

export interface CompareOptions {
  readonly revision: string;
  readonly phase: Phase;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Measures two revisions in turn, each on its own servers, and reports if a request takes more CPU than before. */
export async function compareRevisions(options: CompareOptions): Promise<Comparison> {
  const { revision, phase, scenario, seed, say } = options;
  const checkout = checkOut(revision);
  const open = (root: string) => openSide({ root, phase, seed, say });
  const sides: Side[] = [];
  try {
    for (const root of [checkout.folder, ROOT]) sides.push(await open(root));
    const [before, after] = sides as [Side, Side];
    for (const side of sides) await side.demand(scenario);
    const compared = await compareUntilDecided(async (turn) => {
      const pair = await measurePair(before, after, scenario, turn);
      say(`  pair ${turn + 1}: ${Math.round(pair.before)} and ${Math.round(pair.after)} µs a request`);
      return pair;
    });
    process.stdout.write(`${inWords(compared, revision)}\n`);
    return compared;
  } finally {
    for (const side of sides) await side.close();
    checkout.remove();
  }
}

/** A checkout of a revision in a temporary folder. */
export function checkOut(revision: string): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'shop-revision-'));
  git('worktree', 'add', '--detach', '--force', folder, revision);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    remove: () => {
      git('worktree', 'remove', '--force', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Alternating by turns, so that over all pairs neither has the advantage of being first. */
export async function measurePair(
  before: Side,
  after: Side,
  scenario: Scenario,
  turn: number,
): Promise<Pair> {
  const us = new Map<Side, number>();
  for (const side of turn % 2 === 0 ? [before, after] : [after, before])
    us.set(side, await side.demand(scenario));
  return { before: us.get(before) ?? 0, after: us.get(after) ?? 0 };
}

export interface Side {
  /**
   * CPU microseconds a request, of all servers together, with what they use when nobody asks: that was measured on one side
   * before the other was started, and the difference looked like a faster revision.
   */
  demand(scenario: Scenario): Promise<number>;
  close(): Promise<void>;
}

interface SideOptions {
  /** The folder of a checkout. */
  readonly root: string;
  readonly phase: Phase;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** The servers of one revision. */
export async function openSide({ root, phase, seed, say }: SideOptions): Promise<Side> {
  const shop = await openLabShop({ phase, say, root });
  try {
    const stage = await openStage(shop, { products: PRODUCTS, seed, say });
    const database = await openDatabaseProbe([shop.socket, ...shop.replicas]);
    const instruments: Instruments = await openInstruments(shop, stage, database);
    return {
      demand: async ({ mix }) => {
        const { cpu, requests } = await measured(instruments, () => stage.run(mix, evenly(RATE, SECONDS)));
        return total(cpu.run) / Math.max(1, requests);
      },
      close: async () => {
        await database.close();
        await stage.close();
        await shop.close();
      },
    };
  } catch (error) {
    await shop.close();
    throw error;
  }
}

function inWords({ verdict, ratio, low, high, pairs }: Comparison, revision: string): string {
  if (verdict === 'too noisy') {
    return `Not published: after ${pairs} pairs the machine is too noisy to find what is looked for. Free it and try again.`;
  }
  const change = `${percent(ratio)} (99 %: ${percent(low)} to ${percent(high)}, ${pairs} pairs)`;
  if (verdict === 'same') return `No change was found: CPU a request is ${change} beside ${revision}.`;
  return `This is ${verdict} than ${revision}: CPU a request is ${change}.`;
}

const percent = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`;

const git = (...args: string[]): void => {
  execFileSync('git', args, { cwd: ROOT, stdio: 'ignore' });
};

/**
 * Proves `npm run lab -- --compare` on this machine: pairs of the same revision, and pairs in which one side got slower
 * by 15 % of what a request takes. Twenty tries each, over windows of the measured pairs.
 * `npx tsx lab/bench/planted-slowdown.ts [phase, default 3] [pairs, default 60]`; about eleven seconds a pair of each kind.
 */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { phaseNumbered } from '../../lib/phases';
import { compare, compareUntilDecided, type Pair } from '../analysis/paired';
import { median } from '../analysis/statistics';
import { checkOut, measurePair, openSide, REQUESTS, type Side } from '../compare/revisions';
import { scenarioNamed } from '../scenarios/scenarios';

const SLOWDOWN = 0.15;
const TRIES = 20;
const SEED = 7;
/** Makes the slow side write how many requests its applications handled: nginx answers some from copies. */
const COUNTING = ' counting';
/** For the slow side to read the new setting. */
const SETTLE_MS = 300;

async function main(phaseNumber: number, count: number): Promise<void> {
  const [phase, scenario] = [phaseNumbered(phaseNumber), scenarioNamed('browse')];
  if (!phase || !scenario) throw new Error(`There is no phase ${phaseNumber}`);
  const say = (line: string) => console.error(line);
  const [usual, slow] = [checkOut('HEAD'), checkOut('HEAD')];
  const setting = join(slow.folder, 'slowdown.txt');
  const slowDown = async (us: number, counting = '') => {
    writeFileSync(setting, `${us}${counting}`);
    await sleep(SETTLE_MS);
  };
  const handled = () =>
    readdirSync(slow.folder)
      .filter((name) => name.startsWith('slowdown.txt.'))
      .reduce((sum, name) => sum + Number(readFileSync(join(slow.folder, name), 'utf8')), 0);
  const sides: Side[] = [];
  try {
    appendFileSync(join(slow.folder, 'lambda/hosts/server.ts'), planted(setting));
    await slowDown(0);
    for (const { folder } of [usual, slow]) {
      sides.push(await openSide({ root: folder, phase, seed: SEED, say }));
    }
    const [before, after] = sides as [Side, Side];
    const demands: number[] = [];
    for (let n = 0; n < 5; n++) {
      await after.demand(scenario);
      demands.push(await before.demand(scenario));
    }
    await slowDown(0, COUNTING);
    const countBefore = handled();
    await after.demand(scenario);
    await sleep(SETTLE_MS);
    const share = (handled() - countBefore) / REQUESTS;
    const [usualUs, us] = [median(demands), (median(demands) * SLOWDOWN) / share];
    say(
      `A request takes ${Math.round(usualUs)} CPU us, and ${share.toFixed(2)} of an application's; each adds ${Math.round(us)}`,
    );
    const [same, slower]: [Pair[], Pair[]] = [[], []];
    for (let turn = 0; turn < count; turn++) {
      for (const [added, pairs] of [
        [0, same],
        [us, slower],
      ] as const) {
        await slowDown(added);
        pairs.push(await measurePair(before, after, scenario, turn));
      }
      say(`  ${turn + 1} of ${count}: ${ratioOf(same.at(-1))} and ${ratioOf(slower.at(-1))}`);
    }
    console.log(`The ratios of all pairs: ${compare(same).ratio} and ${compare(slower).ratio}`);
    console.table({
      'the same revision': await verdicts(same),
      'slower, as measured': await verdicts(slower),
      'slower by 15 %': await verdicts(scaled(slower)),
    });
  } finally {
    for (const side of sides) await side.close();
    for (const checkout of [usual, slow]) checkout.remove();
  }
}

/** Each try reads the measured pairs from another one on, in a circle: one that asks for more than there are reads twice. */
async function verdicts(pairs: readonly Pair[]) {
  const counts: Record<string, number> = { slower: 0, faster: 0, same: 0, 'too noisy': 0 };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const from = Math.floor((attempt * pairs.length) / TRIES);
    const { verdict } = await compareUntilDecided(
      async (turn) => pairs[(from + turn) % pairs.length] as Pair,
    );
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

/** The planted slowdown is never exact. These are the same pairs, with their noise, as if it had been. */
function scaled(pairs: readonly Pair[]): Pair[] {
  const factor = (1 + SLOWDOWN) / compare(pairs).ratio;
  return pairs.map(({ before, after }) => ({ before, after: after * factor }));
}

const ratioOf = (pair: Pair | undefined): string => (pair ? (pair.after / pair.before).toFixed(3) : '');

/** Code for the end of an application's entry point: it uses CPU in each request, for as long as a file says. */
const planted = (setting: string): string => `
import { readFileSync, writeFileSync } from 'node:fs';
import { Server as PlainServer } from 'node:http';
import { Server as TlsServer } from 'node:https';
let addedUs = 0;
let requests = 0;
setInterval(() => {
  const text = readFileSync(${JSON.stringify(setting)}, 'utf8');
  addedUs = Number.parseFloat(text);
  if (text.endsWith(${JSON.stringify(COUNTING)}))
    writeFileSync(${JSON.stringify(setting)} + '.' + process.pid, String(requests));
}, 50).unref();
for (const { prototype } of [PlainServer, TlsServer]) {
  const emit = prototype.emit as (...args: unknown[]) => boolean;
  prototype.emit = function (this: unknown, ...args: unknown[]) {
    if (args[0] === 'request') requests++;
    if (args[0] === 'request') for (const end = performance.now() + addedUs / 1000; performance.now() < end; );
    return emit.apply(this, args);
  } as typeof prototype.emit;
}
`;

main(Number(process.argv[2] ?? 3), Number(process.argv[3] ?? 60)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

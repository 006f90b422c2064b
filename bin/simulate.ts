import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { planOf } from '../lab/simulator/plan';
import { PLANTED } from '../lab/simulator/planted';
import { recordAll } from '../lab/simulator/recorded';
import { added, explained, NOTHING } from '../lab/simulator/simulate';
import { summaryText } from '../lab/simulator/summary-text';
import { simulateAll, simulateByWorkers } from '../lab/simulator/workers';

const USAGE = `npm run simulate                simulates 1,000 histories of the application, each
                                with its faults, and judges them
  -- --seeds <number>           so many
  -- --from <seed>              those from this seed on (default 1)
  -- --seed <seed>              one history, call by call; if it is wrong, the smallest
                                part of it that is
  -- --seed <seed> --bug <name> the same with a planted bug
  -- --workers <number>         processes (default: one a core)
  -- --recorded <url>           the same plans in real time, at a real server:
                                mysql://root@localhost/mysql?socketPath=/run/…
     --replica <url>            one that follows it; may be given twice
     --seconds <number>         for so long (default 30)
It ends with 0 if all are right, and with 1 if one is not.`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    bug: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
    recorded: { type: 'string' },
    replica: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '30' },
    worker: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(USAGE);
  if (values.seed !== undefined) return console.log(await explained(planOf(whole(values.seed)), planted()));
  if (values.recorded !== undefined) return recorded(values.recorded);
  const seeds = { from: whole(values.from), count: whole(values.seeds) };
  if (values.worker) {
    await simulateAll(seeds, (some) => process.send?.(some));
    return process.disconnect();
  }
  const began = performance.now();
  let sum = NOTHING;
  let done = 0;
  await simulateByWorkers(__filename, seeds, whole(values.workers), (some) => {
    sum = added(sum, some);
    done += Object.values(some.histories).reduce((all, count) => all + count, 0);
    if (process.stdout.isTTY)
      process.stdout.write(`\r${done} of ${seeds.count}, ${sum.failures.length} wrong`);
    for (const { seed, sentences } of some.failures)
      console.log(`\nseed ${seed}: ${sentences[0]}\n(npm run simulate -- --seed ${seed} shows it)`);
  });
  console.log(`${process.stdout.isTTY ? '\n\n' : ''}${summaryText(sum, (performance.now() - began) / 1000)}`);
  if (sum.failures.length > 0) process.exitCode = 1;
}

async function recorded(primary: string): Promise<void> {
  let [histories, calls, failures] = [0, 0, 0];
  const during = { from: whole(values.from), seconds: whole(values.seconds) };
  await recordAll({ primary, replicas: values.replica }, during, (seed, outcome) => {
    histories++;
    calls += outcome.calls;
    if (outcome.wrong.length === 0) return;
    failures++;
    console.log(`seed ${seed}:\n${outcome.text}\n\n${outcome.wrong.join('\n')}`);
  });
  console.log(`${histories} histories at a real server, with ${calls} calls: ${failures} are wrong.`);
  if (failures > 0) process.exitCode = 1;
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`A whole number is expected, not "${text}"`);
  return number;
}

function planted() {
  if (values.bug === undefined) return undefined;
  const bug = PLANTED.find(({ name }) => name === values.bug);
  if (bug) return bug.wiring;
  throw new Error(`No planted bug is named "${values.bug}": ${PLANTED.map(({ name }) => name).join(', ')}`);
}

main().catch((error: Error) => {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
});

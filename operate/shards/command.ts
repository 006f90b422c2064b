import type { ShardControl } from '../../lambda/data-migration/shards/control';
import { balancing } from '../../lambda/users/sharding/balance';
import { BUCKETS } from '../../lambda/users/sharding/buckets';
import type { ShardMap } from '../../lambda/users/sharding/shard-map';

const SHARD_COMMANDS = ['list', 'add', 'move', 'balance', 'skew'] as const;

interface Output {
  write(text: string): unknown;
}

/** The arguments are not those of the command. */
export class ShardArgumentsError extends Error {
  override name = 'ShardArgumentsError';
}

/** Announced together: each call waits once for every process to know of them. */
const AT_ONCE = 16;

/** Carries a command out and tells how far it is, in lines of at most 80 columns. Run again, it goes on. */
export async function shardCommand(
  [command = '', ...args]: readonly string[],
  control: ShardControl,
  out: Output,
): Promise<void> {
  const say = (line: string) => out.write(`${line}\n`);
  switch (command) {
    case 'list':
      return expecting(args, 0, () => list(control, say));
    case 'skew':
      return expecting(args, 0, () => skew(control, say));
    case 'add':
      return expecting(args, 1, () => add(args[0] ?? '', control, say));
    case 'move':
      return expecting(args, 2, () => moveSome(args[0] ?? '', args[1] ?? '', control, say));
    case 'balance':
      return expecting(args, 0, () => balance(control, say));
    default:
      throw new ShardArgumentsError(`Give one of ${SHARD_COMMANDS.join(', ')}, not "${command}"`);
  }
}

async function expecting(args: readonly string[], number: number, work: () => Promise<void>): Promise<void> {
  if (args.length !== number)
    throw new ShardArgumentsError(`This takes ${number} words, not ${args.length}: "${args.join(' ')}"`);
  await work();
}

type Say = (line: string) => void;

async function list(control: ShardControl, say: Say): Promise<void> {
  const { version, complete, moving, shards } = await control.list();
  say(version === 0 ? 'The users are not divided.' : `The map has version ${version}.`);
  for (const { name, buckets, added } of shards)
    say(
      `${name.padEnd(12)} ${added ? `${count(buckets)} of ${count(BUCKETS)} buckets` : 'deployed, not added'}`,
    );
  if (moving > 0) say(`${count(moving)} are on their way: run the same move or balance again to end it.`);
  if (version > 0 && !complete)
    say(`The directory of e-mails is not complete: npm run shards -- add ${shards[0]?.name}`);
}

async function add(name: string, control: ShardControl, say: Say): Promise<void> {
  let entered = 0;
  for (let after = ''; ; ) {
    const step = await control.add(name, after);
    entered += step.entered;
    after = step.after;
    if (step.done) break;
    say(`${count(entered)} accounts are in the directory`);
  }
  say(`${name} is a shard. Give it buckets: npm run shards -- balance`);
}

/** `from`: the number of buckets of a shard that has the most, or `a-b`, buckets by number. */
async function moveSome(which: string, to: string, control: ShardControl, say: Say): Promise<void> {
  const [, first = '', last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(which) ?? [];
  const buckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter(
    (bucket) => first !== '' && bucket >= Number(first) && bucket <= Number(last),
  );
  if (buckets.length === 0)
    throw new ShardArgumentsError(`Buckets are 0 to ${BUCKETS - 1}, as in 7 or 0-511, not "${which}"`);
  await moveAll(buckets, to, control, say);
}

async function balance(control: ShardControl, say: Say): Promise<void> {
  const plan = balancing(mapOf(await control.buckets()));
  if (plan.length === 0) return say('The shards have as many buckets as each other.');
  for (const { from, to, buckets } of plan) {
    say(`${count(buckets.length)} buckets from ${from} to ${to}`);
    await moveAll(buckets, to, control, say);
  }
}

async function moveAll(buckets: readonly number[], to: string, control: ShardControl, say: Say) {
  let [done, rows, longest] = [0, 0, 0];
  for (let left = [...buckets]; left.length > 0; ) {
    const some = left.slice(0, AT_ONCE);
    const { moves, left: notMoved } = await control.move(some, to);
    left = [...notMoved, ...left.slice(AT_ONCE)];
    done = buckets.length - left.length;
    rows += moves.reduce((sum, move) => sum + move.rows, 0);
    longest = Math.max(longest, ...moves.map(({ pausedMs }) => pausedMs));
    say(`${count(done)} of ${count(buckets.length)}  ${Math.floor((done / buckets.length) * 100)} %`);
  }
  say(
    `${count(done)} buckets are on ${to}: ${count(rows)} rows, users waited for ${count(longest)} ms at most.`,
  );
}

async function skew(control: ShardControl, say: Say): Promise<void> {
  const shards = await control.skew();
  if (shards.length === 0) return say('The users are not divided.');
  const mean = shards.reduce((sum, { accounts }) => sum + accounts, 0) / shards.length;
  for (const { name, accounts, sessions, largest } of shards) {
    const share = mean === 0 ? 100 : Math.round((accounts / mean) * 100);
    say(
      `${name.padEnd(12)} ${count(accounts)} accounts (${share} % of the mean), ${count(sessions)} sessions`,
    );
    const top = largest.map(({ bucket, accounts: size }) => `${bucket} (${count(size)})`).join(', ');
    if (top) say(`${' '.repeat(13)}largest buckets: ${top}`);
  }
}

/** As much of a map as balancing looks at; buckets on their way count where they go to, and stay there. */
function mapOf(buckets: Readonly<Record<string, readonly number[]>>): ShardMap {
  const shards = Object.keys(buckets);
  const homes = Array.from({ length: BUCKETS }, () => 0);
  shards.forEach((name, index) => {
    for (const bucket of buckets[name] ?? []) homes[bucket] = index;
  });
  return { version: 1, shards, homes, moving: {}, directoryComplete: true };
}

const count = (n: number): string => n.toLocaleString('en-US');

import type { Table } from '../../lambda/shared/tables/table';
import { EmailTakenError } from '../../lambda/users/accounts/errors';
import type { Parts } from '../../lambda/users/parts';
import { BUCKETS, bucketOf } from '../../lambda/users/sharding/buckets';
import { readMap } from '../../lambda/users/sharding/shard-map';
import { createCaller } from './caller';
import type { Operation } from './plan';
import { createDevice, type DevicesOptions } from './session-clients';

/** The answers of a process about users on shards; those that move them are asked for nothing else. */
export interface ShardParts extends Parts {
  /** Undefined, or the name of an error that others explain. */
  move(buckets: readonly number[], to: string): Promise<string | undefined>;
}

export interface MembersOptions extends DevicesOptions<ShardParts> {
  readonly table: Table;
  readonly lines: string[];
  /** Registrations that were asked for, by e-mail. */
  readonly asked: Map<string, number>;
}

/** Few enough that clients compete for each. */
const EMAILS = 2;

/** Returns what does an operation of a person, who registers and has devices, or of the staff that moves buckets. */
export function createMember(name: string, options: MembersOptions) {
  const { world, accounts, unexpected, table, lines, asked } = options;
  const { call } = createCaller(name, options);
  const device = createDevice(name, options);
  const note = (words: string) => lines.push(`${name} ${world.now().toFixed(3)} ${words}`);
  let passwords = 0;

  const register = async (email: string, where: number): Promise<boolean> => {
    const given = { email, password: `${name} ${passwords++}`, name: 'A user' };
    asked.set(email, (asked.get(email) ?? 0) + 1);
    const { answer, error, isUnsure } = await call(where, 'writers', (parts) =>
      parts.accounts.register(given, '192.0.2.1'),
    );
    const isTaken = error instanceof EmailTakenError;
    note(`registers ${email}: ${answer ? 'done' : isTaken ? 'taken' : 'no answer'}`);
    if (answer) accounts.push({ ...given, id: answer.id, sessions: [], ending: new Set(), clearings: [] });
    if (isTaken && !isUnsure && asked.get(email) === 1)
      unexpected.push(`${name} was told that ${email} is taken, and nobody else had asked for it`);
    return answer !== undefined;
  };

  const move = async ({ which, where, quantity }: Operation) => {
    const some = Array.from({ length: quantity }, (_, place) => accounts[(which + place) % accounts.length]);
    const buckets = [...new Set(some.flatMap((one) => (one ? [bucketOf(one.id)] : [])))];
    const { shards, homes, moving } = await readMap(table);
    const [first = 0] = buckets;
    const to = shards[moving[first]?.to ?? 1 - (homes[first] ?? 0)] ?? '';
    // Two movers at once, of the same buckets or of others.
    const others = which % 4 < 2 ? buckets : [which % BUCKETS];
    await Promise.all([
      moveTo(buckets, to, where),
      ...(which % 2 === 0 ? [moveTo(others, to, where + 1)] : []),
    ]);
  };
  const moveTo = async (buckets: readonly number[], to: string, where: number) => {
    note(`moves ${buckets} to ${to}`);
    const { answer } = await call(where, 'movers', async (parts) => ({
      said: await parts.move(buckets, to),
    }));
    note(`moved ${buckets} to ${to}: ${answer ? (answer.said ?? 'done') : 'no answer'}`);
  };

  return {
    register,
    /** Ends every move that somebody began. */
    finish: async (tries: number) => {
      for (let attempt = 0; attempt < tries; attempt++) {
        const { shards, moving } = await readMap(table);
        for (const [bucket, { to }] of Object.entries(moving))
          await moveTo([Number(bucket)], shards[to] ?? '', attempt);
      }
    },
    operate: async (operation: Operation): Promise<void> => {
      if (operation.kind === 'register')
        await register(`new${operation.which % EMAILS}@example.com`, operation.where);
      else if (operation.kind === 'move') await move(operation);
      else await device(operation);
    },
  };
}

import type { Migration } from '../../lambda/shared/sql/migrations';
import type { Verdict } from '../history/judge';
import { type Operation, SETTLED_MS } from './plan';
import type { Setting } from './shop';
import { EPOCH } from './world';

/** A part of the application, and how its histories are judged. */
export interface SubjectOf {
  readonly migrations: readonly Migration[];
  /** On two databases. */
  readonly isDivided?: boolean;
  run(setting: Setting): Promise<Judged>;
}

export interface Judged {
  /** The calls, as text. */
  readonly lines: readonly string[];
  readonly verdict: Verdict;
  /** Sentences about what is wrong and is no call: rows, errors. */
  readonly others: readonly string[];
}

/** All clients of a plan do what it says, at a time; then the quiet follows. It ends early once all has come to its end. */
export async function runClients(
  { world, plan: { operations, shape } }: Setting,
  clientOf: (name: string) => (operation: Operation) => Promise<void>,
  isAtEnd: () => Promise<boolean> = async () => false,
): Promise<void> {
  const clients = [...new Set(operations.map(({ client }) => client))];
  const each = clients.map(async (client) => {
    const doOne = clientOf(`client ${client}`);
    for (const operation of operations.filter((one) => one.client === client)) {
      await world.after(operation.pause);
      await doOne(operation);
    }
  });
  await Promise.all(each);
  for (let [left, pause] = [shape.quietMs, FIRST_LOOK_MS]; left > 0; left -= pause, pause *= 2) {
    await world.after(Math.min(left, pause));
    if (await isAtEnd()) return;
  }
}

const FIRST_LOOK_MS = 5000;

/** Lets replicas have what there is, and a beat of the primary, as in a shop that has been there for a while. */
export async function settle({ world, cluster }: Setting): Promise<void> {
  const beat = 'INSERT INTO heartbeats (id, beat_at) VALUES (?, ?)';
  await cluster.direct.execute(beat, ['primary', EPOCH + SETTLED_MS]);
  await world.after(SETTLED_MS);
}

import {
  type CounterAnswer,
  type CounterRequest,
  counterModel,
  describeCounter,
} from '../../../lab/history/counter-model';
import { createRecorder } from '../../../lab/history/history';
import { inWords, judge } from '../../../lab/history/judge';
import { RetryLaterError } from '../../../lambda/shared/runtime/retry-later';
import { OutcomeUnknownError } from '../../../lambda/shared/sql/sql';

/** Calls of a load on counters, whose data moves meanwhile. Rows are counters, too: of how often each is there. */
export interface CountedHistory {
  /** One call for each counter that a transaction increments. A number that it resolves to is the new value. */
  increment(client: string, keys: readonly string[], transaction: () => Promise<unknown>): Promise<void>;
  /** Undefined: there was no answer. */
  read(client: string, key: string, query: () => Promise<number | undefined>): Promise<void>;
  /** Reads all at the end: what is not there has been counted 0 times. */
  audit(there: ReadonlyMap<string, number>): void;
  /** The number of transactions that were acknowledged. */
  acknowledged(): number;
  longestMs(kind: CounterRequest['kind']): number;
  /** Drawings of what no order explains, and errors that no caller must see. */
  faults(): readonly string[];
  inWords(): string;
}

export function countedHistory(): CountedHistory {
  const recorder = createRecorder<CounterRequest, CounterAnswer>(() => performance.now());
  const unexpected: string[] = [];
  const longest = { increment: 0, read: 0 };
  let acknowledged = 0;

  const timed = async (kind: CounterRequest['kind'], work: () => Promise<void>) => {
    const started = performance.now();
    await work();
    longest[kind] = Math.max(longest[kind], Math.round(performance.now() - started));
  };
  const verdict = () => judge(recorder.calls(), { modelOf: () => counterModel, describe: describeCounter });

  return {
    increment: (client, keys, transaction) =>
      timed('increment', async () => {
        const begun = keys.map((key) => recorder.begin(client, key, { kind: 'increment' }));
        const answer = (given: CounterAnswer) => {
          for (const answered of begun) answered(given);
        };
        try {
          const value = await transaction();
          answer(typeof value === 'number' ? { kind: 'value', value } : { kind: 'done' });
          acknowledged++;
        } catch (error) {
          if (error instanceof OutcomeUnknownError) return;
          if (error instanceof RetryLaterError) answer({ kind: 'refused' });
          else unexpected.push(`${client} increments ${keys}: ${error}`);
        }
      }),
    read: (client, key, query) =>
      timed('read', async () => {
        const answered = recorder.begin(client, key, { kind: 'read' });
        try {
          const value = await query();
          if (value !== undefined) answered({ kind: 'value', value });
        } catch (error) {
          unexpected.push(`${client} reads ${key}: ${error}`);
        }
      }),
    audit: (there) => {
      for (const key of new Set([...recorder.calls().map((call) => call.key), ...there.keys()]))
        recorder.begin('auditor', key, { kind: 'read' })({ kind: 'value', value: there.get(key) ?? 0 });
    },
    acknowledged: () => acknowledged,
    longestMs: (kind) => longest[kind],
    faults: () => {
      const { wrong, undecided } = verdict();
      return [...unexpected, ...wrong, ...undecided.map((key) => `the calls of ${key} are undecided`)];
    },
    inWords: () => inWords(verdict()),
  };
}

/** A call of a client, and its answer. Times are of one clock, in any unit. */
export interface Call<Request, Answer> {
  readonly client: string;
  /** The subject of the call: calls of different keys do not affect each other. */
  readonly key: string;
  readonly start: number;
  /** `Infinity` without an answer: the call happened at any time after its start, or never. */
  readonly end: number;
  readonly request: Request;
  readonly answer: Answer | undefined;
}

/** Records calls as they are made. */
export interface Recorder<Request, Answer> {
  /** Records the start of a call; without a later call of the returned function, its outcome is unknown. */
  begin(client: string, key: string, request: Request): (answer: Answer) => void;
  /** In the order of their starts. */
  calls(): Call<Request, Answer>[];
}

/** The distance between two events that the clock does not tell apart. */
const TICK = 0.001;

/** @param clock one that only grows, in ms */
export function createRecorder<Request, Answer>(clock: () => number): Recorder<Request, Answer> {
  const calls: Call<Request, Answer>[] = [];
  let last = Number.NEGATIVE_INFINITY;
  const now = () => {
    last = Math.max(clock(), last + TICK);
    return last;
  };
  return {
    begin: (client, key, request) => {
      const place = calls.length;
      const call = { client, key, start: now(), end: Number.POSITIVE_INFINITY, request, answer: undefined };
      calls.push(call);
      return (answer) => {
        calls[place] = { ...call, end: now(), answer };
      };
    },
    calls: () => [...calls],
  };
}

export function byKey<Request, Answer>(
  calls: Iterable<Call<Request, Answer>>,
): Map<string, Call<Request, Answer>[]> {
  const parts = new Map<string, Call<Request, Answer>[]>();
  for (const call of calls) {
    const part = parts.get(call.key);
    if (part) part.push(call);
    else parts.set(call.key, [call]);
  }
  return parts;
}

/**
 * Allows the reads among the calls to be out of date by `bound`, but never to miss an earlier write of their own client
 * that was answered. Such a read is one that may have begun that much earlier.
 * @param bound of all reads, or of each
 */
export function withStaleness<Request, Answer>(
  calls: readonly Call<Request, Answer>[],
  bound: number | ((read: Call<Request, Answer>) => number),
  isRead: (request: Request) => boolean,
): Call<Request, Answer>[] {
  const written = new Map<string, Call<Request, Answer>[]>();
  const nameOf = ({ client, key }: Call<Request, Answer>) => JSON.stringify([client, key]);
  for (const call of calls) {
    if (isRead(call.request)) continue;
    written.set(nameOf(call), [...(written.get(nameOf(call)) ?? []), call]);
  }
  return calls.map((call) => {
    if (!isRead(call.request)) return call;
    const own = (written.get(nameOf(call)) ?? []).map(({ end }) => end).filter((end) => end <= call.start);
    const age = typeof bound === 'number' ? bound : bound(call);
    return { ...call, start: Math.max(call.start - age, ...own) };
  });
}

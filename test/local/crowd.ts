import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** One request: when it was sent and when its answer was whole, in ms; status 0 when the connection broke. */
export interface Asked {
  readonly status: number;
  readonly from: number;
  readonly to: number;
}

/** What somebody wanted, as often as it took: all requests but the last one failed, and all had the same key. */
interface Bought {
  readonly requests: readonly Asked[];
  readonly reservationId: string;
}

export interface Crowd {
  readonly reads: readonly Asked[];
  readonly bought: readonly Bought[];
  /** Resolves when everybody has what they want. */
  leave(): Promise<void>;
}

export interface CrowdOptions {
  readonly url: string;
  readonly token: string;
  readonly productId: string;
  readonly readers?: number;
  readonly buyers?: number;
}

const PAUSE_MS = 20;
const AGAIN_AFTER_MS = 50;
/** Half a minute and more, so that a shop that is gone ends a test. */
const MOST_TRIES = 600;

/** Readers and buyers without end; who fails to buy asks again with the same Idempotency-Key. */
export function crowd({ url, token, productId, readers = 6, buyers = 6 }: CrowdOptions): Crowd {
  const reads: Asked[] = [];
  const bought: Bought[] = [];
  let going = true;
  // Past the web tier's copies: they are asked with a session.
  const paths = [
    '/api/products?limit=20',
    `/api/products/${productId}`,
    '/api/reservations',
    '/api/users/me',
  ];

  const read = async (me: number) => {
    for (let turn = me; going; turn++) {
      reads.push((await ask(`${url}${paths[turn % paths.length]}`, headersOf(me, token))).asked);
      await sleep(PAUSE_MS);
    }
  };
  const buy = async (me: number) => {
    while (going) {
      const headers = { ...headersOf(me, token), 'Idempotency-Key': randomUUID() };
      const body = JSON.stringify({ items: [{ productId, quantity: 1 }] });
      const requests: Asked[] = [];
      for (let left = MOST_TRIES; ; left--) {
        if (left === 0) throw new Error(`Nobody sells: ${JSON.stringify(requests.at(-1))}`);
        const { asked, answer } = await ask(`${url}/api/reservations`, headers, body);
        requests.push(asked);
        if (asked.status === 201 || asked.status === 200) {
          bought.push({ requests, reservationId: (answer as { id: string }).id });
          break;
        }
        await sleep(AGAIN_AFTER_MS);
      }
      await sleep(PAUSE_MS);
    }
  };

  const everybody = [
    ...Array.from({ length: readers }, (_, me) => read(me)),
    ...Array.from({ length: buyers }, (_, me) => buy(readers + me)),
  ];
  return {
    reads,
    bought,
    leave: async () => {
      going = false;
      await Promise.all(everybody);
    },
  };
}

/** Each comes from an address of their own, since the web tier limits what one address may ask. */
const headersOf = (me: number, token: string) => ({
  'Content-Type': 'application/json',
  Authorization: `Bearer ${token}`,
  'X-Forwarded-For': `203.0.113.${me + 1}`,
});

async function ask(url: string, headers: Record<string, string>, body?: string) {
  const from = performance.now();
  try {
    const response = await fetch(url, { headers, ...(body && { method: 'POST', body }) });
    const text = await response.text();
    const asked = { status: response.status, from, to: performance.now() };
    return { asked, answer: text ? (JSON.parse(text) as unknown) : undefined };
  } catch {
    return { asked: { status: 0, from, to: performance.now() }, answer: undefined };
  }
}

export const failures = (requests: readonly Asked[]): Asked[] =>
  requests.filter(({ status }) => status < 200 || status > 299);

/** The requests that were not answered as wished, of all that were made to buy. */
export const failedToBuy = ({ bought }: Crowd): Asked[] =>
  failures(bought.flatMap(({ requests }) => requests));

/** How many failed with which status. */
export const failuresOf = (everybody: Crowd) => ({
  reads: counted(failures(everybody.reads)),
  purchases: counted(failedToBuy(everybody)),
});

function counted(failed: readonly Asked[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of failed) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** The longest time in which nobody's purchase was acknowledged, in ms. */
export function longestPause({ bought }: Crowd): number {
  const times = bought.flatMap(({ requests }) => requests.at(-1)?.to ?? []).sort((a, b) => a - b);
  return Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? time)));
}

/** From the first failed request to the last one, in ms. */
export const spanOf = (failed: readonly Asked[]): number =>
  failed.length === 0
    ? 0
    : Math.max(...failed.map(({ to }) => to)) - Math.min(...failed.map(({ from }) => from));

export const percentile = (requests: readonly Asked[], share: number): number => {
  const times = requests.map(({ from, to }) => to - from).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
};

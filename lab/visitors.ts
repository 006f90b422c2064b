import { evenly } from './load/arrivals';
import { generate, type Step } from './load/generator';
import { NO_CONNECTION, openPool } from './load/pool';
import { seeded } from './load/random';
import { unlessStatus } from './scenarios/reads';

/** A process that is asked for too much refuses a request, or a search that too many wait for already. */
const REFUSALS: readonly (string | undefined)[] = ['503 overloaded', '503 busy'];

export interface VisitorsOptions {
  /** The origin of a running shop. */
  readonly url: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** The most requests in flight at a time. */
  readonly connections: number;
  readonly say: (line: string) => void;
}

/**
 * Sends reads to a running shop when they are due, whatever becomes of earlier ones, and reports each second. A read that
 * is due while all connections are busy is not sent.
 * @throws Error if the shop does not answer
 */
export async function sendVisitors(options: VisitorsOptions): Promise<void> {
  const { url, rate, seconds, connections, say } = options;
  const words = await wordsOf(url);
  const { hostname: host, port, protocol } = new URL(url);
  const tls = protocol === 'https:';
  const pool = openPool({
    target: { host: host === 'localhost' ? '127.0.0.1' : host, port: Number(port || (tls ? 443 : 80)), tls },
    ...{ connections, waits: false },
  });
  const start = performance.now();
  const random = seeded(1);
  let sent = 0;
  let ended = noResults();
  const report = () => {
    const { answered, refused, failed, unsent, slowestMs } = ended;
    ended = noResults();
    const second = ((performance.now() - start) / 1000).toFixed(0).padStart(4);
    say(
      `${second} s  ${answered} answered, ${refused} refused, ${failed} failed, ${unsent} unsent; the slowest ${slowestMs} ms`,
    );
  };
  const reporting = setInterval(report, 1000);
  try {
    await generate({
      pool,
      arrivals: evenly(rate, seconds),
      next: () => (sent++ % 4 === 0 ? read('limit=24') : read(`limit=100&q=${questionOf(words, random)}`)),
      onResult: ({ error, scheduled, ended: at }) => {
        if (error === undefined) {
          ended.answered++;
          ended.slowestMs = Math.max(ended.slowestMs, Math.round(at - scheduled));
        } else if (REFUSALS.includes(error)) ended.refused++;
        else if (error === NO_CONNECTION) ended.unsent++;
        else ended.failed++;
      },
    });
    report();
  } finally {
    clearInterval(reporting);
    pool.close();
  }
}

const noResults = () => ({ answered: 0, refused: 0, failed: 0, unsent: 0, slowestMs: 0 });

const read = (query: string): Step => ({
  ...{ kind: 'read', method: 'GET', path: `/api/products?${query}` },
  check: (answer) => unlessStatus(answer, 200),
});

/** Of the names of the newest products, in lower case. */
async function wordsOf(url: string): Promise<string[]> {
  const asked = new URL('/api/products?limit=100', url);
  const answer = await fetch(asked).catch((error: Error) => {
    throw new Error(
      `${asked} does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    );
  });
  if (!answer.ok) throw new Error(`${asked} answered ${answer.status}, expected 200`);
  const { items } = (await answer.json()) as { items: readonly { name: string }[] };
  return [...new Set(items.flatMap(({ name }) => name.toLowerCase().match(/[a-z]+/g) ?? []))];
}

/**
 * Two words, the second one cut short, as somebody types it: so many different ones that no cache answers them. In a shop
 * without products, a word that nothing has.
 */
function questionOf(words: readonly string[], random: () => number): string {
  const [first, second] = [0, 1].map(() => words[Math.floor(random() * words.length)]);
  if (!first || !second) return random().toString(36).slice(2);
  return `${first}+${second.slice(0, 1 + Math.floor(random() * second.length))}`;
}

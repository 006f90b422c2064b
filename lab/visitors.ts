import { evenly } from './load/arrivals';
import { generate, type Step } from './load/generator';
import { openPool } from './load/pool';
import { unlessStatus } from './scenarios/reads';

const CONNECTIONS = 256;
/** The refusal of a process that is asked for too much. */
const REFUSED = '503 overloaded';

export interface VisitorsOptions {
  /** The origin of a running shop. */
  readonly url: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

/** Sends reads to a running shop when they are due, whatever becomes of earlier ones, and reports each second. */
export async function sendVisitors({ url, rate, seconds, say }: VisitorsOptions): Promise<void> {
  const { hostname: host, port, protocol } = new URL(url);
  const tls = protocol === 'https:';
  const pool = openPool({
    target: { host: host === 'localhost' ? '127.0.0.1' : host, port: Number(port || (tls ? 443 : 80)), tls },
    connections: CONNECTIONS,
  });
  const start = performance.now();
  let sent = 0;
  let ended = noResults();
  const report = () => {
    const { answered, refused, failed, slowestMs } = ended;
    ended = noResults();
    const second = ((performance.now() - start) / 1000).toFixed(0).padStart(4);
    say(
      `${second} s  ${answered} answered, ${refused} refused, ${failed} failed; the slowest ${slowestMs} ms`,
    );
  };
  const reporting = setInterval(report, 1000);
  try {
    await generate({
      pool,
      arrivals: evenly(rate, seconds),
      next: () => readOf(sent++),
      onResult: ({ error, scheduled, ended: at }) => {
        if (error === undefined) {
          ended.answered++;
          ended.slowestMs = Math.max(ended.slowestMs, Math.round(at - scheduled));
        } else if (error === REFUSED) ended.refused++;
        else ended.failed++;
      },
    });
    report();
  } finally {
    clearInterval(reporting);
    pool.close();
  }
}

const noResults = () => ({ answered: 0, refused: 0, failed: 0, slowestMs: 0 });

/** Mostly searches, each for something else: no cache answers them. */
function readOf(number: number): Step {
  const path =
    number % 4 === 0 ? '/api/products?limit=24' : `/api/products?limit=100&q=${number.toString(36)}`;
  return { kind: 'read', method: 'GET', path, check: (answer) => unlessStatus(answer, 200) };
}

import { fork } from 'node:child_process';
import { added, NOTHING, type Summary, simulate } from './simulate';

/** Seeds between two reports. */
const BATCH = 50;

export interface Seeds {
  readonly from: number;
  readonly count: number;
}

/** The histories of some seeds in this process, one after the other. */
export async function simulateAll({ from, count }: Seeds, report: (some: Summary) => void): Promise<void> {
  for (let done = 0; done < count; ) {
    let some = NOTHING;
    for (let left = BATCH; left > 0 && done < count; left--, done++)
      some = added(some, await simulate(from + done));
    report(some);
  }
}

/** The same by several processes of a program, which is given `--from` and `--seeds` and sends what it would report. */
export async function simulateByWorkers(
  program: string,
  { from, count }: Seeds,
  workers: number,
  report: (some: Summary) => void,
): Promise<void> {
  const share = Math.ceil(count / workers);
  const parts = Array.from({ length: workers }, (_, place) => ({
    from: from + place * share,
    count: Math.max(0, Math.min(share, count - place * share)),
  }));
  await Promise.all(
    parts.map(
      (part) =>
        new Promise<void>((resolve, reject) => {
          const args = ['--worker', '--from', String(part.from), '--seeds', String(part.count)];
          const worker = fork(program, args, { execArgv: ['--import', 'tsx'] });
          worker.on('message', (some) => report(some as Summary));
          worker.on('error', reject);
          worker.on('exit', (code) =>
            code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`)),
          );
        }),
    ),
  );
}

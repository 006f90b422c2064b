import { stopSignal } from '../lambda/shared/http/serve';
import { startPeriodicTask } from '../lambda/shared/jobs/periodic-task';
import { createLog } from '../lambda/shared/runtime/log';
import { surviveOutputErrors } from '../lambda/shared/runtime/log-writer';
import type { Phase } from '../lib/phases';
import { startBanner, wantsColours } from './banner';
import { dataDirPaths, lockDataDir, short } from './data-dir';
import { CannotRunError } from './errors';
import { type Listening, listen } from './listen';
import { openLogFile, rotateLogs } from './log-rotation';
import { stopStale } from './servers/pidfile';
import type { ServedOptions } from './servers/shop';
import { type LocalShop, openShop } from './shop';
import { watchFiles } from './watch-files';

const ROTATE_EVERY_MS = 10_000;

export interface RunOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Default: this machine alone. */
  readonly host?: string | undefined;
  readonly folder: string;
  readonly phase: Phase;
  /** True for real servers, false for embedded databases. */
  readonly servers: boolean;
}

/** Runs the shop on this machine until a signal arrives. @throws CannotRunError */
export async function run({ port, host, folder, phase, servers }: RunOptions): Promise<void> {
  const stopped = stopSignal();
  // npm and the terminal both forward Ctrl+C; the second signal must not interrupt the shutdown.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  let wanted = true;
  void stopped.then(() => {
    wanted = false;
  });
  surviveOutputErrors();
  // A first start makes products and pictures, and servers take their time.
  say(`Opening the shop of phase ${phase.number} …`);
  const claimed = lockDataDir(folder);
  const { log: logFile, record, lock } = dataDirPaths(folder);
  const log = createLog(openLogFile(logFile));
  const stopRotating = startPeriodicTask(async () => rotateLogs(folder), log, ROTATE_EVERY_MS);
  try {
    if ((await stopStale(record)) > 0) say('Stopped left-over servers of a shop that was killed');
    const shop = await (servers
      ? openServed(folder, { phase, log, say, stopped })
      : openShop(folder, phase, log));
    const files = watchFiles([lock, ...shop.files]);
    try {
      if (!wanted) throw new CannotRunError('Stopped before the shop was open.');
      const server = await listen({ fetch: shop.fetch, log, port, host }).catch((error) => {
        throw listenProblem({ port, host }, error);
      });
      claimed.note(`process ${process.pid}, ${server.url}`);
      const { isNew, runsOn } = shop;
      const facts = {
        ...{ url: server.url, phase, isNew, runsOn },
        ...{ folder: short(shop.folder), log: short(logFile) },
      };
      console.log(
        startBanner({ ...facts, seconds: process.uptime() }, wantsColours(process.stdout, process.env)),
      );
      const broken = await Promise.race([
        stopped.then(() => undefined),
        files.lost,
        shop.broken ?? stopped.then(() => undefined),
      ]);
      await close(server);
      if (broken) throw new CannotRunError(broken);
    } finally {
      files.stop();
      await shop.close();
    }
  } finally {
    await stopRotating();
    claimed.release();
  }
}

const say = (line: string) => console.log(`  ${line}`);

/** Loaded on demand: embedded shops need neither the MySQL driver nor the servers' code. */
async function openServed(folder: string, options: ServedOptions): Promise<LocalShop> {
  const { openServedShop } = await import('./servers/shop');
  return openServedShop(folder, options);
}

async function close(server: Listening): Promise<void> {
  say('Stopping: finishing requests in progress.');
  await server.stop();
}

function listenProblem(
  { port, host }: Pick<RunOptions, 'port' | 'host'>,
  error: NodeJS.ErrnoException,
): Error {
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].includes(error.code ?? ''))
    return new CannotRunError(
      `This machine has no address ${host}. For every address: npm start -- --host 0.0.0.0.`,
    );
  const other = 'Use another one: npm start -- --port 8081.';
  if (error.code === 'EADDRINUSE')
    return new CannotRunError(`Port ${port} is in use by another program. ${other}`);
  if (error.code === 'EACCES')
    return new CannotRunError(`This user has no permission to open port ${port}. ${other}`);
  return error;
}

import { destination } from 'pino';
import { createLog } from '../lambda/shared/log';
import { type Serving, serve, stopSignal } from '../lambda/shared/serve';
import type { Phase } from '../lib/phases';
import { CannotRunError } from './errors';
import { claim, inFolder, short } from './folder';
import { startScreen, wantsColours } from './screen';
import { stopStale } from './servers/record';
import type { ServedOptions } from './servers/shop';
import { type LocalShop, openShop } from './shop';

export interface RunOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly folder: string;
  readonly phase: Phase;
  /** On real servers of its own, or embedded. */
  readonly servers: boolean;
}

/** Runs the shop on this machine until a signal stops it. @throws CannotRunError */
export async function run({ port, folder, phase, servers }: RunOptions): Promise<void> {
  const stopped = stopSignal();
  // npm and a terminal both pass Ctrl+C on; the second one must not cut the first one's work off.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  let wanted = true;
  void stopped.then(() => {
    wanted = false;
  });
  const claimed = claim(folder);
  const { log: logFile, record } = inFolder(folder);
  // Of this run only: a log that nobody rotates must not grow for ever.
  const log = createLog(destination({ dest: logFile, append: false }));
  try {
    if ((await stopStale(record)) > 0) say('Stopped the servers of a shop that was killed');
    const shop = await (servers
      ? openServed(folder, { phase, log, say, stopped })
      : openShop(folder, phase, log));
    try {
      if (!wanted) throw new CannotRunError('Stopped before the shop was open.');
      const server = await serve({ fetch: shop.fetch, log, port }).catch((error) => {
        throw portProblem(port, error);
      });
      claimed.note(`process ${process.pid}, http://localhost:${server.port}`);
      const { isNew, runsOn } = shop;
      const facts = {
        ...{ port: server.port, phase, isNew, runsOn },
        ...{ folder: short(shop.folder), log: short(logFile) },
      };
      process.stdout.write(
        startScreen({ ...facts, seconds: process.uptime() }, wantsColours(process.stdout, process.env)),
      );
      const broken = await Promise.race([
        stopped.then(() => undefined),
        shop.broken ?? stopped.then(() => undefined),
      ]);
      await close(server);
      if (broken) throw new CannotRunError(broken);
    } finally {
      await shop.close();
    }
  } finally {
    claimed.release();
  }
}

const say = (line: string) => process.stdout.write(`  ${line}\n`);

/** Loaded when it is wanted: a driver, and much that embedded shops do not need. */
async function openServed(folder: string, options: ServedOptions): Promise<LocalShop> {
  const { openServedShop } = await import('./servers/shop');
  return openServedShop(folder, options);
}

async function close(server: Serving): Promise<void> {
  process.stdout.write('  Closing: finishing what is under way.\n');
  await server.stop();
}

function portProblem(port: number, error: NodeJS.ErrnoException): Error {
  const other = 'Take another one: npm start -- --port 8081.';
  if (error.code === 'EADDRINUSE')
    return new CannotRunError(`Port ${port} is in use by another program. ${other}`);
  if (error.code === 'EACCES') return new CannotRunError(`This user may not open port ${port}. ${other}`);
  return error;
}

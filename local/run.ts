import { relative } from 'node:path';
import { destination } from 'pino';
import { createLog } from '../lambda/shared/log';
import { type Serving, serve, stopSignal } from '../lambda/shared/serve';
import { CannotRunError } from './errors';
import { claim, inFolder } from './folder';
import { startScreen, wantsColours } from './screen';
import { openShop } from './shop';

export interface RunOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly folder: string;
}

/** Runs the shop on this machine until a signal stops it. @throws CannotRunError */
export async function run({ port, folder }: RunOptions): Promise<void> {
  const stopped = stopSignal();
  const claimed = claim(folder);
  const { log: logFile } = inFolder(folder);
  // Of this run only: a log that nobody rotates must not grow for ever.
  const log = createLog(destination({ dest: logFile, append: false }));
  try {
    const shop = await openShop(folder, log);
    try {
      const server = await serve({ fetch: shop.fetch, log, port }).catch((error) => {
        throw portProblem(port, error);
      });
      claimed.note(`process ${process.pid}, http://localhost:${server.port}`);
      const facts = { port: server.port, folder: short(folder), log: short(logFile), isNew: shop.isNew };
      process.stdout.write(
        startScreen({ ...facts, seconds: process.uptime() }, wantsColours(process.stdout, process.env)),
      );
      await stopped;
      await close(server);
    } finally {
      await shop.close();
    }
  } finally {
    claimed.release();
  }
}

async function close(server: Serving): Promise<void> {
  // npm and a terminal both pass Ctrl+C on; the second one must not cut the first one's work off.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
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

/** A path as short as it can be said from where one stands. */
function short(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere && !fromHere.startsWith('..') ? fromHere : path;
}

import { createLog, type Logger } from './log';
import { type Fetch, serve, stopSignal } from './serve';
import { portFrom, SETTING } from './settings';

export interface Hosted {
  readonly fetch: Fetch;
  /** After the last request is answered. */
  close(): Promise<void>;
}

/**
 * A service as a process: opens it, serves it until SIGTERM or SIGINT, finishes what is in flight, closes it.
 * What cannot run is logged, and the exit code is 1.
 */
export function run(name: string, open: (env: NodeJS.ProcessEnv, log: Logger) => Promise<Hosted>): void {
  const log = createLog();
  const { env } = process;
  const life = async () => {
    const { fetch, close } = await open(env, log);
    const { port, stop } = await serve({ fetch, log, port: portFrom(env), host: env[SETTING.host] });
    log.info({ service: name, port }, 'serving');
    log.info({ service: name, signal: await stopSignal() }, 'stopping');
    await stop();
    await close();
  };
  life().catch((error: unknown) => {
    log.fatal({ service: name, err: error }, 'cannot run');
    process.exitCode = 1;
  });
}

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog, type Logger } from './log';
import { type Fetch, type ServeOptions, serve, stopSignal } from './serve';
import { portFrom, required, SETTING } from './settings';

/** A proxy that has a request for a connection it holds sends it within this. */
const QUIET_MS = 1000;
const AGAIN_AFTER_MS = 1000;

export interface Hosted {
  readonly fetch: Fetch;
  /** When given, nothing listens before this has succeeded once: no load balancer sees a release that cannot work. */
  readonly ready?: () => Promise<void>;
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
    const tls = await tlsFrom(env);
    const { fetch, ready, close } = await open(env, log);
    const stopped = stopSignal();
    if (!ready || (await succeeds(ready, stopped, log))) {
      const host = env[SETTING.host];
      const { port, stop } = await serve({ fetch, log, port: portFrom(env), host, tls, quietMs: QUIET_MS });
      log.info({ service: name, port }, 'serving');
      log.info({ service: name, signal: await stopped }, 'stopping');
      await stop();
    }
    await close();
  };
  life().catch((error: unknown) => {
    log.fatal({ service: name, err: error }, 'cannot run');
    process.exitCode = 1;
  });
}

async function tlsFrom(env: NodeJS.ProcessEnv): Promise<ServeOptions['tls']> {
  const certificateFile = env[SETTING.tlsCertificate];
  if (!certificateFile) return undefined;
  const [certificate, key] = await Promise.all([
    readFile(certificateFile, 'utf8'),
    readFile(required(env, SETTING.tlsKey), 'utf8'),
  ]);
  return { certificate, key };
}

/** Tries for as long as it takes; false when a signal came first. */
async function succeeds(
  check: () => Promise<void>,
  stopped: Promise<NodeJS.Signals>,
  log: Logger,
): Promise<boolean> {
  const over = stopped.then(() => false);
  for (;;) {
    const attempt = check().then(
      () => true,
      (error: unknown) => error,
    );
    const outcome = await Promise.race([attempt, over]);
    if (typeof outcome === 'boolean') return outcome;
    log.warn({ err: outcome }, 'not ready, and not listening yet');
    if ((await Promise.race([sleep(AGAIN_AFTER_MS), over])) === false) return false;
  }
}

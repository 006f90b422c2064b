import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admission } from '../shared/http/admission/admission';
import type { RequestLog } from '../shared/http/request-log';
import { type Fetch, type ServeOptions, serve, stopSignal } from '../shared/http/serve';
import { createLog, type Logger } from '../shared/runtime/log';
import { surviveOutputErrors } from '../shared/runtime/log-writer';
import { portFrom, required, SETTING } from '../shared/runtime/settings';

/** A proxy that reuses an open connection sends its request within this time. */
const QUIET_MS = 1000;
const RETRY_DELAY_MS = 1000;

export interface Hosted {
  readonly fetch: Fetch;
  readonly fastPath?: ServeOptions['fastPath'];
  /** If given, must succeed once before the server listens, so that no load balancer sees a broken release. */
  readonly ready?: () => Promise<void>;
  /** Default: no request is refused, however many there are. */
  readonly admission?: Pick<Admission, 'admits'>;
  /** Default: every request is logged. */
  readonly requestLog?: RequestLog;
  /** Called after the last response. */
  close(): Promise<void>;
}

/**
 * Runs a service as a process: opens it, serves until SIGTERM or SIGINT, finishes requests in flight and closes it.
 * An error is logged, with the exit code 1.
 */
export function run(name: string, open: (env: NodeJS.ProcessEnv, log: Logger) => Promise<Hosted>): void {
  surviveOutputErrors();
  const { env } = process;
  const log = createLog(undefined, env[SETTING.release]);
  const life = async () => {
    const tls = await tlsFrom(env);
    const { fetch, fastPath, ready, admission, requestLog, close } = await open(env, log);
    const stopped = stopSignal();
    if (!ready || (await succeeds(ready, stopped, log))) {
      const host = env[SETTING.host];
      const options = { fetch, fastPath, log, port: portFrom(env), host, tls, admission, requestLog };
      const { port, stop } = await serve({ ...options, quietMs: QUIET_MS });
      log.info({ service: name, port }, 'serving');
      log.info({ service: name, signal: await stopped }, 'stopping');
      await stop();
    }
    await close();
  };
  life().catch((error: unknown) => {
    log.fatal({ service: name, err: error }, 'could not start or stop');
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

/** Retries until it succeeds; false if a signal arrives first. */
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
    log.warn({ err: outcome }, 'not ready: not listening yet');
    if ((await Promise.race([sleep(RETRY_DELAY_MS), over])) === false) return false;
  }
}

import { type DestinationStream, type Logger, pino } from 'pino';
import { createLogWriter } from './log-writer';
import { currentTrace } from './trace';

export type { Logger } from 'pino';

/** Keys whose values must never be logged, at the top level or one level below. */
const SECRETS = ['password', 'token', 'authorization', 'cookie', 'headers'];

const ERROR = pino.levels.values.error ?? 50;

/**
 * One JSON object a line, times in ISO 8601, to a file descriptor or stream. Default: stdout.
 * `process.stdout.fd` and not 1: looking at it makes Node put a pipe into its non-blocking mode.
 * Errors carry the `release`, if there is one.
 */
export function createLog(
  destination: DestinationStream | number = process.stdout.fd,
  release?: string,
): Logger {
  const stream = typeof destination === 'number' ? createLogWriter(destination, reportLost) : destination;
  const log: Logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level: string) => ({ level }) },
      mixin: (line, level) => additions(line, level, release),
      // Most lines have none, and keep their own shape, which is faster to write.
      mixinMergeStrategy: (line, added) => (added === NONE ? line : { ...added, ...line }),
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '…' },
    },
    stream,
  );
  function reportLost(lines: number, cause: Error | undefined): void {
    log.warn({ lost: lines, err: cause }, 'log lines were lost: they could not be written');
  }
  return log;
}

const NONE = {};

/** Every line that is written for a request has its ids, and every error its release. */
function additions(line: object, level: number, release: string | undefined): object {
  const trace = 'requestId' in line ? undefined : currentTrace();
  const isError = release !== undefined && level >= ERROR;
  if (!trace && !isError) return NONE;
  return {
    ...(trace && { requestId: trace.requestId, traceId: trace.traceId }),
    ...(isError && { release }),
  };
}

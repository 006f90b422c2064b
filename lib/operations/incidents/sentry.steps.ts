import { createHash } from 'node:crypto';
import type { ErrorLine } from './error-lines.steps';
import { NotDeliveredError, post } from './post.steps';
import { withoutPersonalData } from './privacy.steps';

/** One event of a call of this function; more are counted. An ill release fails in few ways. */
const MOST_EVENTS = 20;

interface Frame {
  readonly function?: string;
  readonly filename: string;
  readonly lineno: number;
  readonly colno: number;
  readonly in_app: boolean;
}

/** An event of Sentry: what failed, in which release, and nothing about the customer. */
interface SentryEvent {
  readonly event_id: string;
  readonly [attribute: string]: unknown;
}

/** The same line gives the same event, so that a line that arrives twice counts once. */
function sentryEvent({ stream, text, line }: ErrorLine): SentryEvent {
  const id = createHash('sha256').update(`${stream}\n${text}`).digest('hex').slice(0, 32);
  const { err, msg, level, time, release, method, path, requestId, traceId } = line;
  return {
    event_id: id,
    timestamp: time,
    platform: 'node',
    level: level === 'fatal' ? 'fatal' : 'error',
    logger: 'shop',
    ...(release && { release }),
    ...(method && path && { transaction: `${method} ${withoutPersonalData(path)}` }),
    tags: { role: roleOf(stream), ...(requestId && { requestId }) },
    ...(traceId && { contexts: { trace: { trace_id: traceId, span_id: id.slice(0, 16) } } }),
    logentry: { formatted: withoutPersonalData(msg ?? '') },
    ...(err && {
      exception: {
        values: [
          {
            type: err.type ?? 'Error',
            value: withoutPersonalData(err.message ?? ''),
            stacktrace: { frames: framesOf(err.stack ?? '') },
          },
        ],
      },
    }),
  };
}

/** Hosts name their streams `<role>/<instance>/app`, Lambda `<year>/<month>/<day>/<function>[<version>]<instance>`. */
const roleOf = (stream: string): string | undefined =>
  /^\d{4}\/\d\d\/\d\d\/([^[]+)/.exec(stream)?.[1] ?? stream.split('/')[0];

const FRAME = /^\s+at (?:(.+?) \()?(.+?):(\d+):(\d+)\)?$/;

/** The calls of a V8 stack, of the error itself and not of its cause, the innermost last. */
function framesOf(stack: string): Frame[] {
  const [own = ''] = stack.split(/^caused by:/m);
  return own
    .split('\n')
    .flatMap((line): Frame[] => {
      const [, name, filename = '', lineno, colno] = FRAME.exec(line) ?? [];
      if (!filename) return [];
      const in_app = !/^node:|node_modules/.test(filename);
      return [
        {
          ...(name && { function: name }),
          ...{ filename, lineno: Number(lineno), colno: Number(colno), in_app },
        },
      ];
    })
    .reverse();
}

export interface Sentry {
  /** `https://<public key>@<host>/<project>` */
  readonly dsn: string;
}

/** An envelope holds at most one event. */
const envelopeOf = (event: SentryEvent, sentAt: Date): string =>
  [{ event_id: event.event_id, sent_at: sentAt.toISOString() }, { type: 'event' }, event]
    .map((part) => `${JSON.stringify(part)}\n`)
    .join('');

/**
 * Returns the number of lines that were not sent: beyond the first ones, or beyond Sentry's rate limit, which is no
 * reason to try again. @throws NotDeliveredError
 */
export async function reportErrors(lines: readonly ErrorLine[], { dsn }: Sentry): Promise<number> {
  const { username, origin, host, pathname } = new URL(dsn);
  const url = new URL(`/api/${pathname.slice(1)}/envelope/`, origin);
  const auth = `Sentry sentry_version=7, sentry_client=shop-incidents/1.0, sentry_key=${username}`;
  const headers = { 'Content-Type': 'application/x-sentry-envelope', 'X-Sentry-Auth': auth };
  let sent = 0;
  for (const line of lines.slice(0, MOST_EVENTS)) {
    try {
      await post(url, envelopeOf(sentryEvent(line), new Date()), headers);
    } catch (error) {
      if (error instanceof NotDeliveredError && error.status === 429) break;
      throw error;
    }
    sent += 1;
  }
  if (sent < lines.length) console.log(JSON.stringify({ msg: 'not sent', host, lines: lines.length - sent }));
  return lines.length - sent;
}

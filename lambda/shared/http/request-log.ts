import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../runtime/log';
import { parentOf, type Trace } from '../runtime/trace';
import { createSample } from './sample';

/** An answer that took longer is always logged: the alarm on slow answers begins here too. */
const SLOW_MS = 1000;
const TOTALS_INTERVAL_MS = 60_000;
/** The most values that CloudWatch takes in one metric of a line. */
const MOST_SAMPLED = 100;

export interface RequestLogOptions {
  readonly log: Logger;
  /**
   * The share, in percent, that is logged of reads that went well and fast. A proxy in front may have decided already.
   * Default 100.
   */
  readonly percent?: number | undefined;
}

/**
 * Logs every refusal and failure, every write, every slow answer and a share of the rest, and counts all of them
 * (decision 0145).
 */
export interface RequestLog {
  /** Begins the trace of a request; it is logged or counted when its connection is done with the answer. */
  observe(incoming: IncomingMessage, outgoing: ServerResponse): Trace;
  /** The same for a request without a connection of its own; `done` is called with the status of its answer. */
  begin(asked: Asked): { readonly trace: Trace; done(status: number): void };
  /** Milliseconds until answers, a random sample of all since the last call, for percentiles. */
  takeMilliseconds(): readonly number[];
  /** Logs the totals a last time. */
  stop(): void;
}

/** The part of a request that is logged. */
type Asked = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

export function createRequestLog({ log, percent = 100 }: RequestLogOptions): RequestLog {
  // All fields of a line are known, and none is a secret: to look for one costs a tenth of a read from memory.
  const lines = log.child({}, { redact: [] });
  const process = randomBytes(4).toString('hex');
  const milliseconds = createSample(MOST_SAMPLED);
  let [answered, logged, reported] = [0, 0, 0];

  const done = (trace: Trace, { method = '', url }: Asked, status: number) => {
    const ms = Math.round((performance.now() - trace.startedAt) * 100) / 100;
    answered += 1;
    milliseconds.add(ms);
    const isTraced = trace.sampled || ms >= SLOW_MS || status >= 500;
    if (!isTraced && status < 400 && isPlain(method, url)) return;
    logged += 1;
    const { requestId, traceId, spans } = trace;
    // Without the query, which can contain search words; paths contain only ids.
    const request = { requestId, traceId, method, path: url?.split('?', 1)[0], status, ms };
    lines.info(isTraced && spans.length > 0 ? { ...request, spans } : request, 'request');
  };
  // Totals and no differences: a line that CloudWatch gets twice says the same twice.
  const totals = () => {
    if (answered === reported) return;
    reported = answered;
    log.info({ process, answered, logged }, 'requests so far');
  };
  const reporting = setInterval(totals, TOTALS_INTERVAL_MS).unref();

  return {
    observe: (incoming, outgoing) => {
      const trace = traceOf(incoming.headers, percent);
      outgoing.setHeader('X-Request-Id', trace.requestId);
      outgoing.once('close', () =>
        done(trace, incoming, outgoing.writableFinished ? outgoing.statusCode : 499),
      );
      return trace;
    },
    begin: (asked) => {
      const trace = traceOf(asked.headers, percent);
      return { trace, done: (status) => done(trace, asked, status) };
    },
    takeMilliseconds: milliseconds.take,
    stop: () => {
      clearInterval(reporting);
      totals();
    },
  };
}

/** A read, or a call of another service: that is a part of a request that has a line where it came in. */
const isPlain = (method: string, url = ''): boolean =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && url.startsWith('/rpc/'));

function traceOf(headers: IncomingMessage['headers'], percent: number): Trace {
  const requestId = given(headers['x-request-id']) ?? randomUUID();
  const parent = parentOf(headers.traceparent);
  return {
    requestId,
    traceId: parent?.traceId ?? traceIdFrom(requestId),
    // The host that began the trace has decided, so that a request is logged on all of its hosts or on none.
    sampled: parent?.sampled ?? Math.random() * 100 < percent,
    startedAt: performance.now(),
    spans: [],
  };
}

/** The request's id in the form of a trace's, if it is as long. */
function traceIdFrom(requestId: string): string {
  const digits = requestId.replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(digits) ? digits : randomBytes(16).toString('hex');
}

/** The proxy's request id, if well-formed: otherwise clients could write arbitrary text into the log. */
const given = (header: string | string[] | undefined) =>
  typeof header === 'string' && /^[\w-]{8,64}$/.test(header) ? header : undefined;

import { setTimeout as sleep } from 'node:timers/promises';
import { pathOf } from '../http/path';
import { answerInvalid, BAD_REQUEST, NOT_FOUND, problem, TOO_LARGE, UNEXPECTED } from '../http/problems';
import type { Fetch } from '../http/serve';
import { withDeadline } from '../runtime/deadline';
import type { Logger } from '../runtime/log';
import { RetryLaterError } from '../runtime/retry-later';
import { type Contract, DEADLINE_HEADER, type Method, type Methods, RPC_HOST, rpcPath } from './contract';

const MAX_BODY_BYTES = 64 * 1024;

const TOO_LATE = { status: 504, type: 'too-late', title: 'Not answered before the deadline' } as const;
const UNAVAILABLE = { status: 503, type: 'unavailable', title: 'Not possible at the moment' } as const;

export interface RpcServerOptions {
  /** `read` answers the reading methods only. */
  readonly role: 'all' | 'read' | 'write';
  readonly log: Logger;
}

type Answer = (input: unknown) => Promise<unknown>;

/** Answers the calls of other services; everything else is not found. */
export function createRpcServer<Of extends Contract>(
  contract: Of,
  methods: Methods<Of>,
  { role, log }: RpcServerOptions,
): Fetch {
  const offered = new Map<string, readonly [Method, Answer]>(
    Object.entries(contract.methods)
      .filter(([, { access }]) => role !== 'read' || access === 'read')
      .map(([name, method]) => [rpcPath(contract, name), [method, methods[name] as Answer]]),
  );
  return async (request) => {
    const path = pathOf(request.url);
    const [method, answer] = offered.get(path) ?? [];
    // By its name, which only calls through the balancer for them have.
    const isCall = request.method === 'POST' && request.headers.get('host') === RPC_HOST;
    if (!method || !answer || !isCall) return problem({ ...NOT_FOUND, detail: `${request.method} ${path}` });
    if (!(Number(request.headers.get('content-length')) <= MAX_BODY_BYTES)) return problem(TOO_LARGE);
    const input = method.input.safeParse(await request.json().catch(() => undefined));
    if (!input.success) return answerInvalid(input.error, 'json');
    const deadlineMs = Math.min(method.deadlineMs, Number(request.headers.get(DEADLINE_HEADER) ?? Infinity));
    if (Number.isNaN(deadlineMs))
      return problem({ ...BAD_REQUEST, detail: `${DEADLINE_HEADER} is no number` });
    return inTime(deadlineMs, () => answer(input.data)).catch((error: unknown) => refusal(error, path, log));
  };
}

/** Answers by the deadline. What is under way then goes on, and whoever repeats the call finds it done. */
async function inTime(ms: number, work: () => Promise<unknown>): Promise<Response> {
  if (ms <= 0) return problem(TOO_LATE);
  const answered = new AbortController();
  const late = sleep(ms, undefined, { signal: answered.signal }).then(
    () => problem(TOO_LATE),
    () => problem(TOO_LATE),
  );
  const answer = withDeadline(ms, work).then((result) => Response.json(result));
  return Promise.race([answer, late]).finally(() => answered.abort());
}

function refusal(error: unknown, path: string, log: Logger): Response {
  if (error instanceof RetryLaterError) {
    log.warn({ err: error, path }, 'call refused');
    return problem(
      { ...UNAVAILABLE, detail: error.message },
      { 'Retry-After': `${error.retryAfterSeconds}` },
    );
  }
  log.error({ err: error, path }, 'unexpected error');
  return problem(UNEXPECTED);
}

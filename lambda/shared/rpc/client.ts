import { setTimeout as sleep } from 'node:timers/promises';
import { type CircuitBreaker, createCircuitBreaker } from '../runtime/circuit-breaker';
import { SYSTEM_CLOCKS } from '../runtime/clocks';
import { remainingMs } from '../runtime/deadline';
import { span } from '../runtime/trace';
import { isUrgent } from '../runtime/urgently';
import { type Contract, type Method, type Methods, rpcPath, URGENT } from './contract';
import { ServiceUnavailableError } from './errors';
import { createRetryBudget } from './retry-budget';
import { createTransport, NoAnswerError, type RpcAnswer } from './transport';

const { ticks } = SYSTEM_CLOCKS;
const MOST_ATTEMPTS = 2;
/** Of the time that is left: a process that is frozen must leave enough for another one. */
const FIRST_ATTEMPT_SHARE = 0.4;
/** A random pause up to this comes before a retry. */
const PAUSE_MS = 20;
const BREAKER = { failures: 5, pauseMs: 1000, now: ticks };
/** A balancer's own answers when a process hung up or did not answer it. */
const LOST = new Set([502, 504]);

export interface RpcClientOptions {
  /** The origin that answers the calls: `https://host`. */
  readonly url: string;
  /** The certificate to trust, in PEM. Default: the authorities that Node trusts. */
  readonly authority?: string | undefined;
}

export type RpcClient<Of extends Contract> = Methods<Of> & { close(): void };

/** Calls another service (decision 0160). Methods throw ServiceUnavailableError, and never wait past a deadline. */
export function createRpcClient<Of extends Contract>(
  contract: Of,
  { url, authority }: RpcClientOptions,
): RpcClient<Of> {
  const { service } = contract;
  const transport = createTransport(url, authority);
  const breaker = createCircuitBreaker(BREAKER);
  const budget = createRetryBudget();

  const answerTo = async (name: string, method: Method, body: string): Promise<RpcAnswer> => {
    const until = ticks() + Math.min(method.deadlineMs, remainingMs());
    const path = `${rpcPath(contract, name)}${isUrgent() ? URGENT : ''}`;
    budget.earn();
    for (let attempt = 1; ; attempt++) {
      const left = until - ticks();
      if (left < 1) throw unavailable(service, 'there is no time left to ask it');
      if (!breaker.allows()) throw unavailable(service, 'it did not answer the last calls');
      const isLast = attempt === MOST_ATTEMPTS;
      try {
        return await attemptOnce(
          () => transport.post(path, body, isLast ? left : left * FIRST_ATTEMPT_SHARE),
          breaker,
        );
      } catch (error) {
        const repeats = !isLast && mayRepeat(method, error) && budget.spend();
        if (!repeats) throw unavailable(service, (error as Error).message, error);
        await sleep(Math.random() * PAUSE_MS);
      }
    }
  };

  const methods = Object.entries(contract.methods).map(([name, method]) => {
    const call = async (input: unknown) =>
      resultOf(
        service,
        method,
        await span(`${service} ${name}`, () => answerTo(name, method, JSON.stringify(input))),
      );
    return [name, call];
  });
  return { ...Object.fromEntries(methods), close: transport.close };
}

/** A refusal is an answer: nobody waited for it. */
async function attemptOnce(post: () => Promise<RpcAnswer>, breaker: CircuitBreaker): Promise<RpcAnswer> {
  try {
    const answer = await post();
    if (LOST.has(answer.status)) throw new NoAnswerError(`status ${answer.status}`, true);
    breaker.succeeded();
    return answer;
  } catch (error) {
    breaker.failed();
    throw error;
  }
}

const mayRepeat = ({ idempotent }: Method, error: unknown): boolean =>
  error instanceof NoAnswerError && (idempotent || !error.sent);

/** A refusal is not repeated here: the client who asked for all of this is told when to. */
function resultOf(service: string, { output }: Method, { status, body }: RpcAnswer): unknown {
  if (status !== 200) throw unavailable(service, `status ${status}`);
  const result = output.safeParse(parsed(body));
  if (result.success) return result.data;
  throw unavailable(service, `its answer is not as expected: ${result.error.message}`);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const unavailable = (service: string, why: string, cause?: unknown) =>
  new ServiceUnavailableError(`The ${service} service did not answer: ${why}`, { cause });

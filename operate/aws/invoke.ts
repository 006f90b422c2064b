import { setTimeout as sleep } from 'node:timers/promises';
import {
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  type LambdaClientConfig,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { retryDelay } from '../../lambda/shared/runtime/retry-delay';

/** A function of the shop failed, had no room, or gave no answer. The message says which, and what to do. */
export class CallFailedError extends Error {
  override name = 'CallFailedError';
}

/** The function got the call and may be at work, but its answer did not come. */
export class AnswerLostError extends CallFailedError {
  override name = 'AnswerLostError';
}

/** Functions end after 15 minutes at most; a later answer was lost. */
const ANSWER_MS = 16 * 60_000;

/** Of a call that finds no room. */
const TRIES = 3;
const FIRST_RETRY_MS = 500;
/** The client's word for a connection that ended. */
const LOST = /\bTimeoutError: /;

/** Sends each call once: the client's own repetitions would run beside the first. */
export const invokingClient = (config: LambdaClientConfig): LambdaClient =>
  new LambdaClient({ ...config, maxAttempts: 1 });

export interface InvokingOptions {
  /** The longest time to an answer. Default: longer than any function runs. */
  readonly answerMs?: number | undefined;
  /** The command that shows what goes on after an answer was lost. */
  readonly shownBy: string;
}

/**
 * Calls a function and waits for its result. A call that finds no room is repeated, and no other.
 * Calls throw a CallFailedError, or the error of AWS that refused them.
 * @param client made by `invokingClient`
 */
export function invoking<Call>(
  client: LambdaClient,
  name: string,
  { answerMs = ANSWER_MS, shownBy }: InvokingOptions,
) {
  const send = async (Payload: string, tried = 1): Promise<InvokeCommandOutput> => {
    // A signal, because the client's own limit only warns.
    const abortSignal = AbortSignal.timeout(answerMs);
    try {
      return await client.send(new InvokeCommand({ FunctionName: name, Payload }), { abortSignal });
    } catch (error) {
      if (error instanceof TooManyRequestsException && tried < TRIES) {
        await sleep(retryDelay(tried, FIRST_RETRY_MS));
        return send(Payload, tried + 1);
      }
      throw failure(error, abortSignal.aborted);
    }
  };
  const failure = (cause: unknown, late: boolean): unknown => {
    if (cause instanceof TooManyRequestsException)
      return new CallFailedError(`${name} has no room for another call: try again in a minute`, { cause });
    const lost = late
      ? `did not answer within ${answerMs / 1000} s`
      : LOST.test(String(cause)) && 'was called, and the connection ended';
    if (!lost) return cause;
    return new AnswerLostError(`${name} ${lost}. What it began goes on: see \`${shownBy}\``, { cause });
  };

  return async <Result>(call: Call): Promise<Result> => {
    const { Payload, FunctionError } = await send(JSON.stringify(call));
    const result = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError) throw new CallFailedError(`${name} failed: ${reason(result) ?? FunctionError}`);
    return result as Result;
  };
}

/** Lambda's form of an error. A function that was ended has a message alone. */
const reason = (result: { errorType?: string; errorMessage?: string } | null) =>
  [result?.errorType, result?.errorMessage].filter(Boolean).join(': ') || undefined;

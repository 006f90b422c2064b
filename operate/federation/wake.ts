import { AnswerLostError } from '../aws/invoke';

/** A function at work reports each second: after this silence it has ended without the end of its command. */
const SILENT_MS = 15_000;

/**
 * Calls a function at once, and again each time that it has ended and nothing was heard for a while: a command may take
 * longer than a function runs. The result rejects with the reason once a call has failed.
 */
export function wakeFunction(
  call: () => Promise<unknown>,
  silentMs = SILENT_MS,
): (silentForMs: number) => Promise<void> {
  let calls = 0;
  let isCalling = false;
  let failure: unknown;
  return async (silentForMs) => {
    if (failure) throw failure;
    if (isCalling || (calls > 0 && silentForMs < silentMs)) return;
    calls++;
    isCalling = true;
    void call()
      .catch((error: unknown) => {
        // The function goes on, or is called again.
        if (!(error instanceof AnswerLostError)) failure = error;
      })
      .finally(() => {
        isCalling = false;
      });
  };
}

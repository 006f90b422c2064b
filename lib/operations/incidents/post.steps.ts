const TIMEOUT_MS = 10_000;
const LONGEST_ANSWER = 300;

/** The service did not accept a message. Lambda runs the whole event again, and each service knows what it has. */
export class NotDeliveredError extends Error {
  override readonly name = 'NotDeliveredError';
  constructor(
    host: string,
    readonly status: number | undefined,
    detail: string,
  ) {
    super(`${host} did not accept a message: ${status ?? 'no answer'} ${detail}`.trim());
  }
}

/** @throws NotDeliveredError unless the answer is a 2xx */
export async function post(url: URL, body: string, headers: Record<string, string>): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal }).catch(
    (error: Error) => {
      throw new NotDeliveredError(url.host, undefined, String(error.cause ?? error.message));
    },
  );
  const answer = await response.text();
  if (!response.ok) throw new NotDeliveredError(url.host, response.status, answer.slice(0, LONGEST_ANSWER));
}

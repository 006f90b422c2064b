const TIMEOUT_MS = 10_000;
const LONGEST_QUOTE = 200;

/** An answer that a shopper would not get from a shop that works. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A client that keeps cookies and names its origin, as a browser does. */
export interface Shopper {
  /** @throws UnexpectedAnswerError unless the status is one of `expected` */
  ask(method: string, path: string, expected: readonly number[], more?: Asked): Promise<Answer>;
}

interface Asked {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export function createShopper(url: string): Shopper {
  const cookies = new Map<string, string>();
  const { origin } = new URL(url);
  return {
    ask: async (method, path, expected, { body, headers } = {}) => {
      const response = await fetch(new URL(path, origin), {
        method,
        headers: {
          'User-Agent': 'shop-canary',
          ...(method !== 'GET' && { Origin: origin }),
          ...(body && { 'Content-Type': 'application/json' }),
          ...(cookies.size > 0 && { Cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
        if (value) cookies.set(name, value);
        else cookies.delete(name);
      }
      const text = await response.text();
      if (expected.includes(response.status)) return { status: response.status, body: text };
      const id = response.headers.get('x-request-id') ?? response.headers.get('x-amz-cf-id');
      throw new UnexpectedAnswerError(
        `${method} ${path} was answered ${response.status}, not ${expected.join(' or ')} ` +
          `(request ${id}): ${text.slice(0, LONGEST_QUOTE)}`,
      );
    },
  };
}

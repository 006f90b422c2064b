import { ChangingCallError, operationOf } from './read-only';

/** A fact, or the reason why nobody could see it. */
export type Seen<Fact> = { readonly fact: Fact } | { readonly unseen: string };

/** Runs a look-up. A refusal is a result too: one row says so, and the other rows go on. */
export async function see<Fact>(look: () => Promise<Fact>): Promise<Seen<Fact>> {
  try {
    return { fact: await look() };
  } catch (error) {
    if (error instanceof ChangingCallError) throw error;
    return { unseen: reasonOf(error) };
  }
}

/** Waits for the values of an object together. */
export async function allAtOnce<Values extends object>(
  promises: { readonly [Name in keyof Values]: Promise<Values[Name]> },
): Promise<Values> {
  const entries = Object.entries<Promise<unknown>>(promises);
  const values = await Promise.all(entries.map(async ([name, value]) => [name, await value] as const));
  return Object.fromEntries(values) as Values;
}

/** All answers of an operation with pages. */
export async function allOf<Page>(pages: AsyncIterable<Page>): Promise<Page[]> {
  const found: Page[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

/** The SDK has tried again by then, with back-off. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const operation = operationOf(error);
  const { name, message } = error;
  if (/AccessDenied|UnauthorizedOperation|AuthorizationError|not authorized/i.test(`${name} ${message}`))
    return `not allowed: ${operation}`;
  if (/Throttl|RequestLimitExceeded|TooManyRequests/i.test(name)) return `throttled: ${operation}; try again`;
  if (/Credentials/.test(name)) return 'no credentials: log in first (aws sso login, aws configure)';
  return `${operation ? `${operation}: ` : ''}${message || name}`;
}

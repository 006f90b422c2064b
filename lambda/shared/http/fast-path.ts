import type { IncomingMessage } from 'node:http';

/** An answer with the status 200 whose bytes are in memory. */
export interface ReadyAnswer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers a request before any route is looked up, or leaves it to the routes: undefined. It answers as they would, byte
 * for byte, so it takes plain requests alone (decision 0260).
 */
export type FastPath = (incoming: IncomingMessage) => ReadyAnswer | undefined;

/** A GET without a body and without a header on which the answer of a cached read depends. */
export function createPlainRead(): (incoming: IncomingMessage) => boolean {
  const isPlainHost = createHostCheck();
  return ({ method, headers }) =>
    method === 'GET' &&
    headers['if-none-match'] === undefined &&
    headers['x-fresh'] === undefined &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    isPlainHost(headers.host);
}

/** The routes refuse some hosts. The last one that is known to be good is nearly always the next one. */
function createHostCheck(): (host: string | undefined) => boolean {
  let good: string | undefined;
  return (host) => {
    if (host === undefined) return false;
    if (host === good) return true;
    if (!URL.canParse(`http://${host}`) || new URL(`http://${host}`).host !== host) return false;
    good = host;
    return true;
  };
}

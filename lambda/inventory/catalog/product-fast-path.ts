import { createPlainRead, type FastPath } from '../../shared/http/fast-path';
import type { ResponseCache } from './response-cache';

const PREFIX = '/api/products/';

/** A product of which this process has a copy. */
export function productFastPath({ copy }: Pick<ResponseCache, 'copy'>): FastPath {
  const isPlainRead = createPlainRead();
  return (incoming) => {
    const { url = '' } = incoming;
    if (!url.startsWith(PREFIX) || !isPlainRead(incoming)) return undefined;
    // Any other path, such as one with a query, is the id of no copy.
    return copy(url.slice(PREFIX.length));
  };
}

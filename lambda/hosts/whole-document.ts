import { isDeepStrictEqual } from 'node:util';
import { CACHE_POLICY } from '../shared/cache/cache-policy';
import { pathOf } from '../shared/http/path';
import { problem } from '../shared/http/problems';
import type { Fetch } from '../shared/http/serve';
import { SYSTEM_CLOCKS } from '../shared/runtime/clocks';
import type { Logger } from '../shared/runtime/log';

/** The OpenAPI document of both services, for clients that see one API. */
const WHOLE_DOCUMENT = '/api/openapi.json';

/** As long as clients keep it. */
const KEPT_MS = 300_000;

/** The routes of an app that has an OpenAPI document. */
interface Documented {
  request(path: string): Response | Promise<Response>;
}

/** The document of one service, as JSON. */
export const documentOf = async (app: Documented, service: 'users' | 'inventory'): Promise<string> =>
  (await app.request(`/api/${service}/openapi.json`)).text();

const UNAVAILABLE = {
  status: 503,
  type: 'document-unavailable',
  title: 'The other service does not answer, and describes a part of this',
} as const;

/**
 * Answers the document of both services before `fetch`. `documents` resolves to those of each, as JSON. It is asked again
 * after five minutes, since each service is released alone; while it fails, the last document answers.
 */
export function withWholeDocument(
  fetch: Fetch,
  log: Logger,
  documents: () => Promise<readonly [string, string]>,
  ticks = SYSTEM_CLOCKS.ticks,
): Fetch {
  let kept: { readonly whole: string; readonly until: number } | undefined;
  return async (request, bindings) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || pathOf(request.url) !== WHOLE_DOCUMENT) return fetch(request, bindings);
    try {
      if (!kept || kept.until <= ticks())
        kept = { whole: wholeOf(...(await documents())), until: ticks() + KEPT_MS };
    } catch (error) {
      log.warn({ err: error }, 'the document of the other service is not there');
      if (!kept) return problem(UNAVAILABLE, { 'Retry-After': '5' });
    }
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': CACHE_POLICY.openApi.http };
    return new Response(request.method === 'HEAD' ? null : kept.whole, { headers });
  };
}

interface Document {
  readonly paths: object;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function wholeOf(one: string, other: string): string {
  const [ours, theirs] = [JSON.parse(one), JSON.parse(other)] as [Document, Document];
  return JSON.stringify({
    ...ours,
    info: { title: 'Shop', version: '1', description: 'Both services of the shop: users and inventory.' },
    paths: { ...ours.paths, ...theirs.paths },
    components: merged(ours.components, theirs.components),
  });
}

/** Parts of the same name must be the same in both. */
function merged(one: Document['components'], other: Document['components']): Document['components'] {
  const kinds = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    kinds.map((kind) => {
      const [ours, theirs] = [one[kind] ?? {}, other[kind] ?? {}];
      const differing = Object.keys(ours).filter(
        (name) => name in theirs && !isDeepStrictEqual(ours[name], theirs[name]),
      );
      if (differing.length > 0)
        throw new Error(`The services differ about the ${kind} "${differing.join('", "')}"`);
      return [kind, { ...ours, ...theirs }];
    }),
  );
}

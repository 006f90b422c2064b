import type { Fetch } from '../shared/http/serve';
import { urgently } from '../shared/runtime/urgently';
import { requestClassOf } from './request-classes';

/** Critical requests and log-ins find a connection to the database when its queue is full for all others. */
export const urgentWhenCritical =
  (fetch: Fetch): Fetch =>
  (request, bindings) => {
    const { method = '', url = '', headers } = bindings.incoming;
    const given = requestClassOf(method, url, headers);
    return given === 'critical' || given === 'log-in'
      ? urgently(() => fetch(request, bindings))
      : fetch(request, bindings);
  };

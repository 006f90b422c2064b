import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { createRequestLog, type RequestLog } from '../shared/http/request-log';
import { createLog, type Logger } from '../shared/runtime/log';
import { percentFrom, SETTING } from '../shared/runtime/settings';
import { inTrace } from '../shared/runtime/trace';
import type { OpenService } from './open-service';
import { openInRole } from './roles';
import { urgentWhenCritical } from './urgent-requests';

type Answer = Awaited<ReturnType<ReturnType<typeof handle>>>;
/** Anything but a request is the schedule, which alone may call the function besides the balancer. */
type Handler = (event: LambdaEvent | object, context: LambdaContext) => Promise<Answer | undefined>;

/** An instance of a function: it has one event at a time. */
export interface Instance {
  readonly handle: Handler;
  close(): Promise<void>;
}

/**
 * A service as a function, in the role of SHOP_ROLE: the same program as on hosts, with one connection to each schema.
 * It has no background, so a schedule calls it for the duties beside requests.
 */
export function functionOf(service: OpenService): Handler {
  let opened: Promise<Instance> | undefined;
  /** A failed opening is repeated by the next event. */
  const instance = () => {
    opened ??= openInstance(service, process.env, createLog()).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  // Begins before the first event, when a function has more CPU.
  instance().catch(() => undefined);
  return async (event, context) => (await instance()).handle(event, context);
}

export async function openInstance(
  service: OpenService,
  env: NodeJS.ProcessEnv,
  log: Logger,
): Promise<Instance> {
  const { fetch, ready, duties, close } = await openInRole(env, log, service, 'function');
  // Without the database, requests get the application's own answer.
  await ready?.().catch((error: unknown) => log.warn({ err: error }, 'not ready'));
  const urgent = urgentWhenCritical(fetch);
  const requestLog = createRequestLog({ log, percent: percentFrom(env, SETTING.loggedReadsPercent) });
  const app = new Hono<{ Bindings: { event: LambdaEvent; lambdaContext?: LambdaContext } }>();
  app.all('*', (c) => {
    const bindings = bindingsOf(c.req.raw, c.env.event);
    return logged(requestLog, bindings, () => urgent(c.req.raw, bindings));
  });
  const answer = handle(app);
  return {
    close: async () => {
      requestLog.stop();
      await close();
    },
    handle: async (event, context) => {
      if ('requestContext' in event) return answer(event, context);
      await duties();
      return undefined;
    },
  };
}

/** The balancer's address, which is in our network: the client is then read from X-Forwarded-For. */
const BALANCER = '10.0.0.1';

/** The part of Node's own objects that the app reads. */
function bindingsOf({ method, url, headers }: Request, { requestContext }: LambdaEvent): HttpBindings {
  const { pathname, search } = new URL(url);
  const remoteAddress = 'http' in requestContext ? requestContext.http.sourceIp : BALANCER;
  const incoming = {
    ...{ method, url: pathname + search, headers: Object.fromEntries(headers) },
    socket: { remoteAddress },
  };
  return { incoming } as unknown as HttpBindings;
}

/** As on hosts: a line for what is no plain read that went well, and one trace for all that the request does. */
async function logged(
  requestLog: RequestLog,
  { incoming }: HttpBindings,
  work: () => Response | Promise<Response>,
): Promise<Response> {
  const { trace, done } = requestLog.begin(incoming);
  let status = 500;
  try {
    const answer = await inTrace(trace, work);
    status = answer.status;
    answer.headers.set('X-Request-Id', trace.requestId);
    return answer;
  } finally {
    done(status);
  }
}

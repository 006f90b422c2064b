import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type OpenApi, pointer, type Route, routeOf, routesOf } from './openapi';

interface Answered {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** The Content-Type. */
  readonly type: string | null;
  readonly body: string;
}

/** Throws if an answer does not conform to the document of its route; returns the route, if it has one. */
export type Conform = (answered: Answered) => Route | undefined;

const ID = 'document';

/** Judges answers by an OpenAPI 3.1 document, whose schemas are JSON Schema 2020-12. */
export function conformance(document: OpenApi): Conform {
  const ajv = new Ajv({ strict: false });
  addFormats(ajv, ['date-time', 'uuid', 'email']);
  ajv.addFormat('password', true);
  ajv.addSchema(document, ID);
  const compiled = new Map<string, ValidateFunction>();
  const validator = (ref: string) => {
    const found = compiled.get(ref) ?? ajv.compile({ $ref: `${ID}#${ref}` });
    compiled.set(ref, found);
    return found;
  };
  const assertValid = (ref: string, value: unknown, what: string) => {
    const validate = validator(ref);
    if (!validate(value)) throw new NotDocumentedError(`${what}: ${ajv.errorsText(validate.errors)}`);
  };
  const routes = routesOf(document);

  return (answered) => {
    const { method, path, status } = answered;
    const what = `${method} ${path} was answered ${status} ${answered.body.slice(0, 300)}`;
    const route = routeOf(routes, method, path);
    if (!route) {
      assertBeside(answered, what);
      return undefined;
    }
    const { responses } = route.operation;
    // A `default` speaks of problems; a success has to be named.
    const named = `${status}` in responses ? `${status}` : status >= 400 && responses.default && 'default';
    if (!named) throw new NotDocumentedError(`${what}, which is not documented`);
    const content = responses[named]?.content;
    if (!content || method === 'HEAD') {
      if (answered.body !== '') throw new NotDocumentedError(`${what}, which should have no body`);
      return route;
    }
    const type = answered.type?.split(';', 1)[0] ?? '';
    if (!(type in content)) throw new NotDocumentedError(`${what}, as ${type}`);
    assertValid(
      `${route.pointer}${pointer('responses', named, 'content', type, 'schema')}`,
      JSON.parse(answered.body),
      what,
    );
    return route;
  };
}

class NotDocumentedError extends Error {
  override name = 'NotDocumentedError';
}

/** Accepts answers outside the documented routes: the document itself, health, and problems. */
function assertBeside({ method, path, status, type, body }: Answered, what: string): void {
  if (/^\/(healthz|readyz|api\/\w+\/openapi\.json)$/.test(path) && ['GET', 'HEAD'].includes(method)) return;
  const refused = type === 'application/problem+json' && [400, 403, 404, 413].includes(status);
  const said = method === 'HEAD' ? { status } : JSON.parse(body);
  if (!refused || said.status !== status) throw new NotDocumentedError(`${what}, and there is no such route`);
}

type Answer = (path: string, init?: RequestInit) => Response | Promise<Response>;

/**
 * The same, with every answer judged by the document that stands at `documentPath` of the same API. A suite asks for it
 * once, since composing it takes more time than most tests, and all shops of a suite have the same.
 */
export function conforming(
  answer: Answer,
  documentPath: string,
): (...asked: Parameters<Answer>) => Promise<Response> {
  const load = async () => conformance(JSON.parse(await (await answer(documentPath)).text()));
  return async (path, init = {}) => {
    const judge = judges.get(documentPath) ?? load();
    judges.set(documentPath, judge);
    const response = await answer(path, init);
    (await judge)({
      method: init.method ?? 'GET',
      path: path.split('?', 1)[0] ?? '',
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.clone().text(),
    });
    return response;
  };
}

const judges = new Map<string, Promise<Conform>>();

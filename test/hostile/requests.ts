import fc from 'fast-check';
import { exampleOf, type Schema } from '../../lambda/shared/http/openapi-examples';
import type { OpenApi, Route } from '../support/openapi';
import type { Facts } from './fixtures';
import {
  hostileBody,
  hostileEscaped,
  hostileHeader,
  hostileJson,
  METHODS,
  strayHeaders,
} from './hostile-values';
import type { Sent } from './send';

/** The place of a request's mistake. `body` is a path into the JSON; `around` is a place that no document describes. */
export type Place =
  | { readonly in: 'path' | 'query' | 'header'; readonly name: string }
  | { readonly in: 'body'; readonly at: readonly (string | number)[]; readonly variant: number }
  | { readonly in: 'whole body' | 'around' };

export const nameOf = (place: Place): string =>
  place.in === 'body'
    ? `body ${place.at.join('.')}`
    : 'name' in place
      ? `${place.in} ${place.name}`
      : place.in;

/** Changes a right request into a wrong one. */
export interface Mistake {
  readonly place: Place;
  /** For the report of a failure. */
  readonly what: string;
  readonly make: (facts: Facts) => Sent;
}

/** Every parameter, header and body field of a route, and places around them. */
export function placesOf(route: Route, document: OpenApi): Place[] {
  const { parameters = [], requestBody } = route.operation;
  const fields = bodiesOf(route, document).flatMap((body, variant) =>
    nodes(body).map((at): Place => ({ in: 'body', at, variant })),
  );
  return [
    ...parameters.map(({ in: where, name }): Place => ({ in: where, name })),
    ...fields,
    ...(requestBody ? [{ in: 'whole body' } as const] : []),
    { in: 'around' },
  ];
}

export function mistakeIn(place: Place, route: Route, document: OpenApi): fc.Arbitrary<Mistake> {
  const right = (facts: Facts) =>
    rightRequest(route, document, facts, 'variant' in place ? place.variant : 0);
  switch (place.in) {
    case 'path':
      return hostileEscaped.map((what) => ({
        ...{ place, what },
        make: (facts) => ({
          ...right(facts),
          target: targetOf(route, { ...facts.params, [place.name]: what }),
        }),
      }));
    case 'query':
      return fc.array(hostileEscaped, { minLength: 1, maxLength: 2 }).map((values) => {
        const what = `?${values.map((value) => `${place.name}=${value}`).join('&')}`;
        const make = (facts: Facts) => ({ ...right(facts), target: targetOf(route, facts.params) + what });
        return { place, what, make };
      });
    case 'header':
      return fc.array(hostileHeader, { maxLength: 2 }).map((values) => ({
        ...{ place, what: JSON.stringify(values) },
        make: (facts) => withHeaders(right(facts), place.name, values),
      }));
    case 'body':
      return fc
        .record({ text: hostileJson, how: fc.constantFrom('instead', 'missing', 'twice', 'beside') })
        .map(({ text, how }) => ({
          ...{ place, what: `${how} ${text.slice(0, 200)}` },
          make: (facts) => {
            const body = bodiesOf(route, document, facts)[place.variant];
            return { ...right(facts), body: Buffer.from(written(body, place.at, { text, how })) };
          },
        }));
    case 'whole body':
      return fc.record({ body: hostileBody, chunked: fc.boolean() }).map(({ body, chunked }) => ({
        ...{ place, what: body.toString('latin1').slice(0, 200) },
        make: (facts) => ({ ...right(facts), body, chunked }),
      }));
    case 'around':
      return fc.oneof(
        fc.constantFrom(...strayHeaders).map(([name, value]) => ({
          ...{ place, what: `${name}: ${value.slice(0, 200)}` },
          make: (facts: Facts) => withHeaders(right(facts), name, [value]),
        })),
        fc.constantFrom(...METHODS).map((method) => ({
          ...{ place, what: method },
          make: (facts: Facts) => ({ ...right(facts), method }),
        })),
        fc.tuple(hostileEscaped, hostileEscaped).map(([name, value]) => ({
          ...{ place, what: `?${name}=${value}` },
          make: (facts: Facts) => ({
            ...right(facts),
            target: `${targetOf(route, facts.params)}?${name}=${value}`,
          }),
        })),
        hostileEscaped.map((more) => ({
          ...{ place, what: `/${more}` },
          make: (facts: Facts) => ({ ...right(facts), target: `${targetOf(route, facts.params)}/${more}` }),
        })),
      );
  }
}

/** A request of the document's examples that nothing is wrong with. */
export function rightRequest(route: Route, document: OpenApi, facts: Facts, variant = 0): Sent {
  const { parameters = [] } = route.operation;
  const body = bodiesOf(route, document, facts)[variant];
  const named: Readonly<Record<string, string>> = { 'idempotency-key': facts.unique, 'if-match': '*' };
  const headers = parameters.flatMap(({ in: where, name }): [string, string][] =>
    where === 'header' ? [[name, named[name] ?? '']] : [],
  );
  return {
    method: route.method,
    target: targetOf(route, facts.params),
    headers: [
      ...headers,
      ...(facts.member ? [['authorization', `Bearer ${facts.member.token}`] as const] : []),
      ...(body === undefined ? [] : [['content-type', 'application/json'] as const]),
    ],
    ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
  };
}

const targetOf = ({ path }: Route, params: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');

const withHeaders = (sent: Sent, name: string, values: readonly string[]): Sent => ({
  ...sent,
  headers: [
    ...sent.headers.filter(([other]) => other !== name),
    ...values.map((value) => [name, value] as const),
  ],
});

/** A right body for every form that a route takes. */
function bodiesOf({ operation }: Route, document: OpenApi, facts?: Facts): unknown[] {
  const media = operation.requestBody?.content['application/json'];
  if (!media) return [];
  const { schemas } = document.components;
  const resolved = schemas[media.schema.$ref?.split('/').at(-1) ?? ''] ?? media.schema;
  // Editing takes any part of a product; so that every part is tried, all of them.
  const forms: readonly Schema[] = resolved.oneOf ?? [withoutExample(resolved)];
  return forms.map((form) =>
    JSON.parse(
      JSON.stringify(form.properties?.current ? media.example : exampleOf(form, schemas)),
      (key, value) => {
        if (key === 'productId') return facts?.productId ?? value;
        return key === 'email' ? (facts?.email ?? value) : value;
      },
    ),
  );
}

const withoutExample = ({ example: _, ...schema }: Schema): Schema => schema;

/** The paths to everything in some JSON but itself. */
function nodes(json: unknown): (string | number)[][] {
  if (typeof json !== 'object' || json === null) return [];
  const isList = Array.isArray(json);
  return Object.entries(json).flatMap(([name, value]) => {
    const step = isList ? Number(name) : name;
    return [[step], ...nodes(value).map((rest) => [step, ...rest])];
  });
}

interface Change {
  readonly text: string;
  readonly how: 'instead' | 'missing' | 'twice' | 'beside';
}

/** JSON with a change at a path. */
function written(json: unknown, [step, ...rest]: readonly (string | number)[], change: Change): string {
  const isList = Array.isArray(json);
  const parts = Object.entries(json as object).flatMap(([name, value]) => {
    const text = (value: string) => (isList ? value : `${JSON.stringify(name)}:${value}`);
    if (name !== String(step)) return [text(JSON.stringify(value))];
    if (rest.length > 0) return [text(written(value, rest, change))];
    if (change.how === 'instead') return [text(change.text)];
    if (change.how === 'missing') return [];
    if (change.how === 'twice') return [text(JSON.stringify(value)), text(change.text)];
    return [text(JSON.stringify(value)), isList ? change.text : `"__proto__":${change.text}`];
  });
  return isList ? `[${parts.join()}]` : `{${parts.join()}}`;
}

import type { HttpBindings } from '@hono/node-server';
import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { documentOf, withWholeDocument } from '../../../lambda/hosts/whole-document';
import { createInventory } from '../../../lambda/inventory/service';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import type { Fetch } from '../../../lambda/shared/http/serve';
import { createLog } from '../../../lambda/shared/runtime/log';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { createThumbnailWorker } from '../../../lambda/thumbnails/worker';
import { createUsers } from '../../../lambda/users/service';
import { type OpenApi, pointer, routesOf } from '../../support/openapi';

// Documents depend on schemas alone, not on a database.
const sql = {} as Sql;
const log = createLog({ write: () => undefined });
const users = createUsers({ sql, log, clientIp: () => '' }).app;
const inventory = createInventory({
  sql,
  log,
  blobs: {} as Blobs,
  createPhotoWorker: createThumbnailWorker,
  identify: async () => undefined,
}).app;

describe.each([
  ['users', users],
  ['inventory', inventory],
])('the OpenAPI document of %s', (name, app) => {
  let document: OpenApi;
  let ajv: Ajv;
  beforeAll(async () => {
    document = JSON.parse(await (await app.request(`/api/${name}/openapi.json`)).text());
    ajv = new Ajv({ strict: false });
    addFormats(ajv, ['date-time', 'uuid', 'email']);
    ajv.addFormat('password', true);
    ajv.addSchema(document, 'document');
  });

  const wrongIn = (at: string, example: unknown): string | undefined => {
    const validate = ajv.compile({ $ref: `document#${at}` });
    return validate(example) ? undefined : `${at}: ${ajv.errorsText(validate.errors)}`;
  };

  it('has a summary and a tag for every route', () => {
    for (const { path, method, operation } of routesOf(document)) {
      expect([method, path, operation.summary, operation.tags]).toEqual([
        ...[method, path],
        expect.stringMatching(/^.{5,80}$/),
        [expect.any(String)],
      ]);
    }
  });

  it('names every operation, and the server that answers it', () => {
    const ids = routesOf(document).map(({ operation }) => operation.operationId ?? '');
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]{4,}$/);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.servers).toEqual([{ url: '/', description: expect.any(String) }]);
  });

  it('has a valid example for every parameter, every request and every answer, each refusal among them', () => {
    const wrong: (string | undefined)[] = [];
    for (const { pointer: at, operation } of routesOf(document)) {
      for (const [n, { schema }] of (operation.parameters ?? []).entries()) {
        wrong.push(wrongIn(`${at}/parameters/${n}/schema`, schema.example));
      }
      const bodies = Object.entries(operation.responses).map(([status, { content }]) => ({
        where: pointer('responses', status, 'content'),
        content,
      }));
      for (const { where, content } of [
        { where: '/requestBody/content', content: operation.requestBody?.content },
        ...bodies,
      ]) {
        for (const [type, { example, examples = { it: { value: example } } }] of Object.entries(
          content ?? {},
        )) {
          const values = Object.values(examples).map(({ value }) => value);
          if (values.length === 0) wrong.push(`${at}${where} has no example`);
          for (const value of values) wrong.push(wrongIn(`${at}${where}${pointer(type)}/schema`, value));
        }
      }
    }
    expect(wrong.filter(Boolean)).toEqual([]);
  });

  it('names the type of every problem in an example of its status', () => {
    for (const { operation } of routesOf(document)) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400 || status === 'default') continue;
        const examples = Object.entries(content?.['application/problem+json']?.examples ?? {});
        expect(examples.length).toBeGreaterThan(0);
        for (const [type, { value }] of examples)
          expect(value).toMatchObject({ type, status: Number(status) });
      }
    }
  });

  it('says for every route that it may be refused when there are too many requests', () => {
    for (const { path, operation } of routesOf(document)) {
      const examples = operation.responses['503']?.content?.['application/problem+json']?.examples ?? {};
      expect([path, Object.keys(examples)]).toEqual([path, expect.arrayContaining(['overloaded'])]);
    }
  });

  it('has patterns that are regular expressions as JSON Schema reads them', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    for (const [, text = ''] of patterns) {
      const pattern: string = JSON.parse(text);
      expect(() => new RegExp(pattern, 'u')).not.toThrow();
      expect(pattern).not.toMatch(/\/[a-z]+$/);
    }
  });
});

describe('the OpenAPI document of the whole shop', () => {
  const bindings = {} as HttpBindings;
  const request = (method = 'GET', path = '/api/openapi.json') =>
    new Request(`http://shop.example${path}`, { method });
  const alone: Fetch = () => new Response('asked');
  const both = () => Promise.all([documentOf(users, 'users'), documentOf(inventory, 'inventory')]);

  it('has the routes of both services, each under a name of its own, and every part that they refer to', async () => {
    const answer = await withWholeDocument(alone, log, both)(request(), bindings);
    const document = (await answer.json()) as OpenApi;
    const parts = (await both()).map((text) => JSON.parse(text) as OpenApi);
    const names = (documents: OpenApi[]) =>
      documents.flatMap((one) => routesOf(one).map(({ method, path }) => `${method} ${path}`)).sort();
    expect(names([document])).toEqual(names(parts));
    const ids = routesOf(document).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    const schemas = Object.keys(
      (document as unknown as { components: { schemas: object } }).components.schemas,
    );
    expect(references.map(([, name]) => name).filter((name = '') => !schemas.includes(name))).toEqual([]);
  });

  it('is asked for again when the other service did not answer, and passes on everything else', async () => {
    let answers = false;
    const fetch = withWholeDocument(alone, log, async () => {
      if (!answers) throw new Error('no answer');
      return both();
    });
    expect((await fetch(request(), bindings)).status).toBe(503);
    answers = true;
    expect((await fetch(request(), bindings)).status).toBe(200);
    const head = await fetch(request('HEAD'), bindings);
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const [method, path] of [
      ['POST', '/api/openapi.json'],
      ['GET', '/api/products'],
    ])
      expect(await (await fetch(request(method, path), bindings)).text()).toBe('asked');
  });

  it('follows a release of the other service after five minutes, and outlives its absence', async () => {
    let [now, version, asked] = [0, '1', 0];
    const fetch = withWholeDocument(
      alone,
      log,
      async () => {
        asked += 1;
        if (version === 'gone') throw new Error('no answer');
        const [one, other] = await both();
        return [one.replace('"/api/users/me"', `"/api/users/v${version}"`), other];
      },
      () => now,
    );
    const describes = async (path: string) =>
      Object.keys(((await (await fetch(request(), bindings)).json()) as OpenApi).paths).includes(path);
    expect(await describes('/api/users/v1')).toBe(true);
    version = '2';
    now = 299_999;
    expect([await describes('/api/users/v1'), asked]).toEqual([true, 1]);
    now = 300_000;
    expect(await describes('/api/users/v2')).toBe(true);
    version = 'gone';
    now = 600_000;
    expect([await describes('/api/users/v2'), asked]).toEqual([true, 3]);
  });
});

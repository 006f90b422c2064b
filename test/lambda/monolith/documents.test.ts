import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { createInventory } from '../../../lambda/inventory/service';
import type { Blobs } from '../../../lambda/shared/blobs';
import { createLog } from '../../../lambda/shared/log';
import type { Sql } from '../../../lambda/shared/sql';
import { createUsers } from '../../../lambda/users/service';
import { type OpenApi, pointer, routesOf } from '../../support/openapi';

// Documents are made of schemas alone: no database is asked.
const sql = {} as Sql;
const log = createLog({ write: () => undefined });
const users = createUsers({ sql, log, address: () => '' }).app;
const inventory = createInventory({ sql, log, blobs: {} as Blobs, identify: async () => undefined }).app;

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

  it('has patterns that are regular expressions as JSON Schema reads them', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    for (const [, text = ''] of patterns) {
      const pattern: string = JSON.parse(text);
      expect(() => new RegExp(pattern, 'u')).not.toThrow();
      expect(pattern).not.toMatch(/\/[a-z]+$/);
    }
  });
});

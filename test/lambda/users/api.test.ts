import { usersProblems } from '../../../lambda/users/errors';
import { engines } from '../../support/engines';
import { openShop, type Shop } from './support';

const [engine] = engines();
if (!engine) throw new Error('SQLite is always there');

describe('the OpenAPI document of users', () => {
  let shop: Shop;
  // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, read by its parts
  let document: any;
  beforeAll(async () => {
    shop = await openShop(engine);
    document = (await shop.ask('GET', '/api/users/openapi.json')).body;
  });

  const operations = () =>
    Object.entries<Record<string, Record<string, unknown>>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );

  it('is OpenAPI 3.1 and has every route', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      'delete /api/sessions/current',
      'delete /api/sessions/{id}',
      'delete /api/users/me',
      'get /api/sessions',
      'get /api/users/me',
      'patch /api/users/me',
      'post /api/sessions',
      'post /api/sessions/current/seen',
      'post /api/users',
      'post /api/users/password-links',
      'put /api/users/me/email',
      'put /api/users/me/password',
      'put /api/users/password',
    ]);
  });

  it('says of each route what it does and how it refuses, each refusal with an example', () => {
    const named = new Set<string>();
    for (const { operation } of operations()) {
      expect(operation.summary).toEqual(expect.any(String));
      const responses = operation.responses as Record<
        string,
        { content?: Record<string, { examples?: object }> }
      >;
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        const { examples = {} } = content?.['application/problem+json'] ?? {};
        expect(Object.keys(examples).length).toBeGreaterThan(0);
        for (const type of Object.keys(examples)) named.add(type);
      }
    }
    for (const { type } of usersProblems) expect(named).toContain(type);
  });

  it('has an example for every field of every schema', () => {
    const { Problem: _shared, ...own } = document.components.schemas;
    for (const [name, schema] of Object.entries<{ properties: Record<string, object>; example?: object }>(
      own,
    )) {
      for (const [field, property] of Object.entries(schema.properties)) {
        const plain = 'type' in property && property.type !== 'array';
        if (plain && !schema.example) expect({ name, field, property }).toHaveProperty('property.example');
      }
    }
  });

  it('names the ways to show a session', () => {
    expect(Object.keys(document.components.securitySchemes)).toEqual(['cookie', 'bearer']);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { showsOwnWrites } from '../../../lambda/hosts/own-writes';
import { createFreshReads } from '../../../lambda/shared/http/fresh-reads';
import { isFresh } from '../../../lambda/shared/sql/freshly';

const freshReads = createFreshReads({ current: () => 'key', all: () => ['key'] });
const wrote = `wrote=${freshReads.valueFor('192.0.2.1')}`;
const forged = `${wrote.slice(0, -2)}__`;
const PERSONAL = ['/api/users/me', '/api/sessions', '/api/reservations', '/api/reservations/one?x=1'];
const COPIED = ['/api/products', '/api/products?q=tea', '/api/products/one', '/api/categories'];

/** True if the primary answers. */
async function atPrimary(path: string, headers: Record<string, string>): Promise<boolean> {
  const fetch = showsOwnWrites(async () => {
    await Promise.resolve();
    return new Response(String(isFresh()));
  }, freshReads);
  const answer = await fetch(new Request(`https://shop.example${path}`, { headers }), {} as HttpBindings);
  return (await answer.text()) === 'true';
}
const all = async (paths: readonly string[], headers: Record<string, string>) => [
  ...new Set(await Promise.all(paths.map((path) => atPrimary(path, headers)))),
];

test('who shows the cookie of a change reads what is their own at the primary, as often as they like', async () => {
  expect(await all(PERSONAL, { cookie: `session=token; ${wrote}` })).toEqual([true]);
  for (let n = 0; n < 200; n++) expect(await atPrimary('/api/users/me', { cookie: wrote })).toBe(true);
});

test('who shows none, a forged one or one of another name reads at a replica', async () => {
  const cookies = ['session=token', `session=token; ${forged}`, 'wrote=1', `not${wrote}`, 'wrote'];
  for (const cookie of cookies) expect(await all([...PERSONAL, ...COPIED], { cookie })).toEqual([false]);
});

test('a program with a bearer token, which keeps no cookies, reads what is its own at the primary', async () => {
  const headers = { authorization: 'Bearer a-token-of-a-session' };
  expect(await all(PERSONAL, headers)).toEqual([true]);
  expect(await all(COPIED, headers)).toEqual([false]);
});

test('no other spelling of a path makes a read of the catalog a personal one', async () => {
  const spellings = [
    '/api/%70roducts',
    '/api/%70roducts/one',
    '/%61pi/products?q=tea',
    '/api/categorie%73',
    '/api/categories#x',
    '/api/products/one#/x',
    '/api/products/one/',
    '/api//products',
    '/api/users/../products',
    '/api/usersx',
    '/openapi.json',
  ];
  const token = { authorization: 'Bearer a-token-of-a-session', cookie: wrote };
  expect(await all(spellings, token)).toEqual([false]);
  expect(
    await all(['/api/%75sers/me', '/api/products/one/stock', '/api/products/%6Fne/stock'], token),
  ).toEqual([true]);
});

test.each(['x', 'Bearer x', 'Bearer ', 'Basic YTpi', 'Bearer a token of a session in words'])(
  'a header that cannot be a session (%p) is no reason to ask the primary',
  async (authorization) => {
    expect(await all([...PERSONAL, ...COPIED], { authorization })).toEqual([false]);
  },
);

test('what the proxy has copies of is read at the primary when it asks past them, and not for a cookie alone', async () => {
  expect(await all(COPIED, { 'x-fresh': '1', cookie: wrote })).toEqual([true]);
  expect(await all(COPIED, { cookie: wrote })).toEqual([false]);
});

test('the proxy has copies of the same paths', () => {
  const nginx = readFileSync(join(__dirname, '../../../lib/compute/web/host/nginx/nginx.conf'), 'utf8');
  const pattern = nginx.match(/"~\^\(GET\|HEAD\) (\S+)" catalog;/)?.[1] ?? '';
  const paths = [...PERSONAL, ...COPIED, '/api/products/one/stock', '/api/productsx'];
  const path = (full: string) => full.split('?', 1)[0] ?? '';
  const copied = paths.filter((full) => new RegExp(`^${pattern}`).test(path(full)));
  expect(copied).toEqual(COPIED);
});

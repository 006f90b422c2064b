import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { site } from '../../local/site';
import { folder, removeFolders } from './spawned';

afterAll(removeFolders);

function siteOf(files: Readonly<Record<string, string>>) {
  const root = join(folder(), 'public');
  mkdirSync(join(root, 'parts'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const answer = site(async (request) => new Response(`api ${new URL(request.url).pathname}`), root);
  return async (path: string, init?: RequestInit) =>
    answer(new Request(`http://x${path}`, init), {} as HttpBindings);
}

describe('the site on this machine', () => {
  const get = siteOf({
    'index.html': '<p>shop',
    'parts/card.js': 'export {}',
    '../secret.txt': 'secret',
    '.env': 'secret',
  });

  it('serves the front page under a policy without exceptions', async () => {
    const answer = await get('/?page=cart');
    expect(await answer.text()).toBe('<p>shop');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).not.toMatch(/unsafe|\*|data:|https:/);
  });

  it('serves files by their type', async () => {
    expect((await get('/parts/card.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it('answers 304 to who has the file already', async () => {
    const etag = (await get('/parts/card.js')).headers.get('etag') ?? '';
    const again = await get('/parts/card.js', { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it('sends headers alone to HEAD, and takes no other method', async () => {
    expect(await (await get('/', { method: 'HEAD' })).text()).toBe('');
    expect((await get('/', { method: 'POST' })).status).toBe(405);
  });

  it.each(['/api/products', '/healthz', '/readyz'])('passes %s on', async (path) => {
    expect(await (await get(path)).text()).toBe(`api ${path}`);
  });

  it.each([
    '/none.js',
    '/parts',
    '/parts/',
    '/.env',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/parts/..%2f..%2fsecret.txt',
    '//secret.txt',
    '/a%00.js',
  ])('has nothing at %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('secret');
  });
});

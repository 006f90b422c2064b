import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import type { Fetch } from '../../lambda/shared/http/serve';
import { STOREFRONT, site } from '../../local/site';
import { folder, removeFolders } from './shop-process';

afterAll(removeFolders);

function siteOf(files: Readonly<Record<string, string>>) {
  const root = join(folder(), 'public');
  mkdirSync(join(root, 'parts'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const answer = site(async (request) => new Response(`api ${new URL(request.url).pathname}`), root);
  return async (path: string, init?: RequestInit) =>
    answer(new Request(`http://x${path}`, init), {} as HttpBindings);
}

/** With the pages that are shipped. */
const shipped = async (path: string, init?: RequestInit) =>
  site(async () => new Response('api'), STOREFRONT)(new Request(`http://x${path}`, init), {} as HttpBindings);

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

  it('answers 304 to a client that has the file', async () => {
    const etag = (await get('/parts/card.js')).headers.get('etag') ?? '';
    const again = await get('/parts/card.js', { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it('B2: answers a range of bytes with that part, so that a browser can go to a place in a video', async () => {
    const clip = '/reserving.webm';
    const whole = await (await shipped(clip)).arrayBuffer();
    const part = await shipped(clip, { headers: { Range: 'bytes=1000-1999' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-type')).toBe('video/webm');
    expect(part.headers.get('content-range')).toBe(`bytes 1000-1999/${whole.byteLength}`);
    expect(await part.arrayBuffer()).toEqual(whole.slice(1000, 2000));
    const end = await shipped(clip, { headers: { Range: 'bytes=-1' } });
    expect([end.status, (await end.arrayBuffer()).byteLength]).toEqual([206, 1]);
  });

  it('answers 416 to a range beyond the end, and all to a client that has a part of another version', async () => {
    const beyond = await get('/parts/card.js', { headers: { Range: 'bytes=9-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */9']);
    const other = await get('/parts/card.js', { headers: { Range: 'bytes=0-1', 'If-Range': '"other"' } });
    expect([other.status, await other.text()]).toEqual([200, 'export {}']);
    const etag = other.headers.get('etag') ?? '';
    const same = await get('/parts/card.js', { headers: { Range: 'bytes=0-1', 'If-Range': etag } });
    expect([same.status, await same.text()]).toEqual([206, 'ex']);
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

describe('the page of a product, for readers that run no scripts', () => {
  const PRODUCT = {
    name: 'Mug "A&B" <$&>',
    description: `Holds ${'much '.repeat(60)}`,
    picture: '/pictures/mug.svg',
  };
  const api: Fetch = (request) => {
    const id = new URL(request.url).pathname.split('/').at(-1);
    if (id === 'mug') return Response.json(PRODUCT);
    return new Response('{}', { status: id === 'broken' ? 503 : 404 });
  };
  const shop = site(api, STOREFRONT, { rendersProducts: true });
  const get = async (path: string, init?: RequestInit) =>
    shop(new Request(`http://shop.example${path}`, init), {} as HttpBindings);
  const tag = (html: string, property: string) =>
    new RegExp(`<meta property="${property}" content="([^"]*)">`).exec(html)?.[1];

  it('has its title, its text and its picture, whatever characters they have', async () => {
    const answer = await get('/?page=product&id=mug');
    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(html).toContain('<title>Mug &quot;A&amp;B&quot; &lt;$&amp;&gt; · Wren</title>');
    expect(tag(html, 'og:title')).toBe('Mug &quot;A&amp;B&quot; &lt;$&amp;&gt;');
    expect(tag(html, 'og:image')).toBe('http://shop.example/pictures/mug.svg');
    expect(tag(html, 'og:url')).toBe('http://shop.example/?page=product&amp;id=mug');
    expect(tag(html, 'og:description')?.length).toBeLessThan(210);
    expect(tag(html, 'og:site_name')).toBe('Wren');
    expect(html.match(/og:title/g)).toHaveLength(1);
    expect(html).toContain('<main id="main"');
  });

  it('is a 404 when there is no such product, with the page that says so to people', async () => {
    for (const query of ['page=product&id=none', 'page=product']) {
      const answer = await get(`/?${query}`);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(await answer.text()).toContain('<title>Page not found · Wren</title>');
    }
    const head = await get('/?page=product&id=none', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([404, '']);
  });

  it('is the page of everything else, and of a product while the API does not answer', async () => {
    const front = await (await get('/')).text();
    expect(tag(front, 'og:title')).toBe('Wren');
    for (const path of ['/?page=cart', '/?q=none', '/?page=product&id=broken'])
      expect([path, await (await get(path)).text()]).toEqual([path, front]);
  });
});

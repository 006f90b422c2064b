import { fill, h } from '../app/dom.js';
import { anchorOf, routeView } from './route.js';

const DOCUMENTS = ['/api/inventory/openapi.json', '/api/users/openapi.json'];

const routes = document.getElementById('routes');
const contents = document.getElementById('contents');

async function read(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`GET ${path} returned ${response.status}`);
  return response.json();
}

/** The operations of all documents, grouped by tag in order of first appearance. */
function byTag(apis) {
  const groups = new Map();
  for (const api of apis) {
    for (const [path, methods] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const tag = operation.tags?.[0] ?? 'other';
        groups.set(tag, [...(groups.get(tag) ?? []), { method: method.toUpperCase(), path, operation, api }]);
      }
    }
  }
  return [...groups];
}

function show(apis) {
  const groups = byTag(apis);
  fill(
    contents,
    h(
      'details',
      { open: matchMedia('(min-width: 62rem)').matches },
      h('summary', {}, 'All routes'),
      ...groups.flatMap(([tag, list]) => [
        h('h2', {}, tag),
        h(
          'ul',
          {},
          ...list.map((route) =>
            h('li', {}, h('a', { href: `#${anchorOf(route)}` }, route.operation.summary)),
          ),
        ),
      ]),
    ),
  );
  fill(
    routes,
    ...groups.map(([tag, list]) =>
      h(
        'section',
        { 'aria-labelledby': `tag-${tag}` },
        h('h2', { id: `tag-${tag}` }, tag),
        ...list.map(routeView),
      ),
    ),
  );
  routes.removeAttribute('aria-busy');
  // The browser looked for the fragment before the routes were rendered.
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

async function start() {
  try {
    show(await Promise.all(DOCUMENTS.map(read)));
  } catch {
    fill(
      routes,
      h('h2', {}, 'The API reference could not be loaded'),
      h('p', {}, 'The shop is not responding, or you are offline.'),
      h('p', {}, h('button', { class: 'button main', onclick: start }, 'Try again')),
    );
    routes.removeAttribute('aria-busy');
  }
}

start();

import { fill, h } from '../app/dom.js';
import { anchorOf, routeView } from './route.js';

const DOCUMENTS = ['/api/inventory/openapi.json', '/api/users/openapi.json'];

const routes = document.getElementById('routes');
const contents = document.getElementById('contents');

async function read(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
  return response.json();
}

/** The operations of all documents under their tags, in the order in which tags first come. */
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
  // What the address names was not there when the browser looked for it.
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

async function start() {
  try {
    show(await Promise.all(DOCUMENTS.map(read)));
  } catch {
    fill(
      routes,
      h('h2', {}, 'The documents do not come'),
      h('p', {}, 'The shop does not answer, or you are offline.'),
      h('p', {}, h('button', { class: 'button main', onclick: start }, 'Try again')),
    );
    routes.removeAttribute('aria-busy');
  }
}

start();

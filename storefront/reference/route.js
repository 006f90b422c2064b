import { h } from '../app/dom.js';
import { resolved, schemaView, wordsFor } from './schema.js';

/** Stable across releases, so that links to a route keep working. */
export const anchorOf = ({ method, path }) =>
  `${method}-${path}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '');

export function routeView(route) {
  const { method, path, operation, api } = route;
  const { summary, description, parameters = [], requestBody, responses, security } = operation;
  const anchor = anchorOf(route);
  return h(
    'article',
    { class: 'route', id: anchor, 'aria-labelledby': `${anchor}-title` },
    h('h3', { id: `${anchor}-title` }, h('a', { href: `#${anchor}` }, summary)),
    h(
      'p',
      { class: 'address' },
      h('b', { class: `method ${method.toLowerCase()}` }, method),
      ' ',
      h('code', {}, ...breakable(path)),
    ),
    description && h('p', {}, description),
    h('p', { class: 'fine' }, security ? 'Requires authentication.' : 'Public.'),
    parameters.length > 0 && part('Parameters', parametersView(parameters, api)),
    requestBody && part('Request', bodyView(requestBody.content, api)),
    part('Responses', answersView(responses, api)),
  );
}

const part = (title, content) => h('section', { class: 'part' }, h('h4', {}, title), content);

const parametersView = (parameters, api) =>
  h(
    'dl',
    { class: 'fields' },
    ...parameters.flatMap(({ name, in: where, required, description, schema }) => [
      h('dt', {}, h('code', {}, name), ` in the ${where}`, required && h('b', {}, ' required')),
      h(
        'dd',
        {},
        description && h('p', {}, description),
        h('p', {}, ...wordsFor(schema, api)),
        schema.example !== undefined && h('p', {}, 'Example: ', h('code', {}, String(schema.example))),
      ),
    ]),
  );

/** The example of a body, and its fields. */
function bodyView(content, api) {
  const [[type, media] = []] = Object.entries(content ?? {});
  if (!media) return h('p', { class: 'fine' }, 'No body.');
  const examples = media.examples ? Object.values(media.examples).map(({ value }) => value) : [media.example];
  const isProblem = type === 'application/problem+json';
  return h(
    'div',
    { class: 'body' },
    ...examples.map((example) => code(JSON.stringify(example, undefined, 2))),
    !isProblem && h('details', {}, h('summary', {}, 'Fields'), schemaView(resolved(media.schema, api), api)),
  );
}

/** Focusable, so that the keyboard can scroll it sideways. */
const code = (text) => h('pre', { tabindex: 0, role: 'group', 'aria-label': 'Example' }, h('code', {}, text));

function answersView(responses, api) {
  const statuses = Object.keys(responses).sort();
  return h(
    'div',
    { class: 'answers' },
    ...statuses.map((status) => {
      const { description, content } = responses[status];
      const isGood = Number(status) < 400;
      return h(
        'details',
        { open: Number(status) < 300, class: isGood ? 'good' : 'refusal' },
        h('summary', {}, h('b', {}, status), ' ', h('span', {}, description)),
        bodyView(content, api),
      );
    }),
  );
}

/** A long path may break before each of its parts. */
const breakable = (path) => path.split(/(?=\/)/).flatMap((text) => [h('wbr'), text]);

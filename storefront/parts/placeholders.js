import { h, icon } from '../app/dom.js';

/** A placeholder of about the size of the page that loads, so that the layout does not shift. */
export function skeleton(kind) {
  const bone = (name) => h('div', { class: `bone ${name}` });
  const many = (count, make) => Array.from({ length: count }, make);
  const shapes = {
    grid: () => [
      bone('bone-title'),
      h(
        'div',
        { class: 'grid' },
        many(8, () => h('div', {}, bone('bone-picture'), bone('bone-line'), bone('bone-word'))),
      ),
    ],
    product: () => [
      h(
        'div',
        { class: 'product' },
        bone('bone-picture'),
        h(
          'div',
          {},
          bone('bone-title'),
          many(4, () => bone('bone-line')),
        ),
      ),
    ],
    lines: () => [bone('bone-title'), many(3, () => bone('bone-row'))],
    form: () => [
      bone('bone-title'),
      h(
        'div',
        { class: 'narrow' },
        many(3, () => bone('bone-field')),
      ),
    ],
  };
  return h(
    'div',
    { class: 'page', 'aria-busy': 'true' },
    h('p', { class: 'unseen' }, 'Loading'),
    ...shapes[kind](),
  );
}

/** An empty or failed page: the state, and the next steps. `actions` are links and buttons. */
export function state({ image = 'box', heading, text, actions = [], level = 'h2' }) {
  return h(
    'section',
    { class: 'state' },
    h('div', { class: 'state-image' }, icon(image, 34)),
    h(level, {}, heading),
    h('p', {}, text),
    actions.length > 0 && h('div', { class: 'actions' }, actions),
  );
}

/** An error page; `again`, where a retry can help, loads the page once more. */
export function failure(error, again) {
  const home = h('a', { class: 'button', href: '/' }, 'Go to the home page');
  const retry = again && h('button', { type: 'button', class: 'button main', onclick: again }, 'Try again');
  const page = (heading, text, actions, image = 'alert') => ({
    title: heading,
    content: h(
      'div',
      { class: 'page' },
      state({ image, heading, text, actions: actions.filter(Boolean), level: 'h1' }),
    ),
  });
  // 400: the id in the URL is malformed.
  if ([400, 404].includes(error.status)) {
    return page('Page not found', 'It may have been removed, or the address is incomplete.', [home], 'box');
  }
  if (error.status === 403) return page('Access denied', error.message, [home]);
  if (error.name === 'UnreachableError') {
    return page(
      'The shop is not responding',
      'The problem may be your connection or our server. Nothing you did is lost.',
      [retry],
    );
  }
  const reference = error.requestId ? ` If you report this, include the request id ${error.requestId}.` : '';
  return page('Something went wrong', `${error.message}.${reference}`.replace('..', '.'), [retry, home]);
}

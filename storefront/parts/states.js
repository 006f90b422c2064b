import { h, icon } from '../app/dom.js';

/** What stands in for a page while it loads, of about the same size, so that nothing jumps. */
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

/** An empty or failed page: what is so, and what one can do. `actions` are links and buttons. */
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

/** A page that tells why there is no page, from an error; `again` tries once more where that can help. */
export function failure(error, again) {
  const home = h('a', { class: 'button', href: '/' }, 'To the front page');
  const retry = again && h('button', { type: 'button', class: 'button main', onclick: again }, 'Try again');
  const page = (heading, text, actions, image = 'alert') => ({
    title: heading,
    content: h(
      'div',
      { class: 'page' },
      state({ image, heading, text, actions: actions.filter(Boolean), level: 'h1' }),
    ),
  });
  // 400: the address holds an id that cannot be one.
  if ([400, 404].includes(error.status)) {
    return page(
      'There is nothing here',
      'It may have been here once, or the address is incomplete.',
      [home],
      'box',
    );
  }
  if (error.status === 403) return page('Not for you', error.message, [home]);
  if (error.name === 'UnreachableError') {
    return page(
      'The shop does not answer',
      'It may be your connection or our server. Nothing you did is lost.',
      [retry],
    );
  }
  const reference = error.requestId ? ` If you tell us about it, mention ${error.requestId}.` : '';
  return page('That did not work', `${error.message}.${reference}`.replace('..', '.'), [retry, home]);
}

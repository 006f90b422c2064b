import { fill, h } from '../app/dom.js';
import { actionButton } from './form.js';

/**
 * A list that grows page by page. `fetchPage(cursor)` resolves to { items, next }; `draw(item)` returns an element.
 * "Show more" focuses the first new item.
 */
export function growing({ list, first, fetchPage, draw, label = 'Show more', grew }) {
  const foot = h('div', { class: 'more' });
  const add = ({ items, next }) => {
    const drawn = items.map(draw);
    list.append(...drawn);
    fill(foot, next && actionButton({ label, run: () => more(next) }));
    return drawn;
  };
  const more = async (cursor) => {
    const [newest] = add(await fetchPage(cursor));
    (newest?.matches('a, button') ? newest : newest?.querySelector('a, button'))?.focus();
    grew?.(list.children.length);
  };
  add(first);
  return h('div', {}, list, foot);
}

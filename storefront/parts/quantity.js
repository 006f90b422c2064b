import { MAX_QUANTITY } from '../app/cart.js';
import { freshId, h, icon } from '../app/dom.js';

/** A number with a button on each side. `changed` receives integers from 1 to `most`. */
export function quantity({ name, value, most, changed }) {
  const limit = Math.max(1, Math.min(most, MAX_QUANTITY));
  const id = freshId('quantity');
  const input = h('input', {
    id,
    type: 'number',
    inputmode: 'numeric',
    min: 1,
    max: limit,
    value,
    onchange: () => set(Number(input.value)),
  });
  const step = (by, label, drawing) =>
    h(
      'button',
      { type: 'button', 'aria-label': `${label} of ${name}`, onclick: () => set(Number(input.value) + by) },
      icon(drawing, 18),
    );
  const set = (wanted) => {
    const next = Math.min(limit, Math.max(1, Math.round(wanted) || 1));
    input.value = String(next);
    changed?.(next);
  };
  const box = h(
    'div',
    { class: 'quantity' },
    h('label', { for: id, class: 'unseen' }, `Quantity of ${name}`),
    step(-1, 'One less', 'minus'),
    input,
    step(1, 'One more', 'plus'),
  );
  return { box, value: () => Number(input.value) };
}

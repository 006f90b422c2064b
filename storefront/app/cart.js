import { onOtherTab, recall, remember } from './memory.js';

/** The largest quantity of one product, and the most products, that the shop reserves at once. */
export const MAX_QUANTITY = 100;
export const MAX_LINES = 20;

/** The cart lives in this browser: lines of { id, quantity }. What is in it is not yet reserved. */
export const cart = new EventTarget();

export const lines = () => recall('cart') ?? [];
export const count = () => lines().reduce((sum, { quantity }) => sum + quantity, 0);
export const quantityOf = (id) => lines().find((line) => line.id === id)?.quantity ?? 0;

/** Zero takes the product out. Returns false when the cart holds as many products as can be reserved at once. */
export function setQuantity(id, quantity) {
  const kept = lines();
  const known = kept.some((line) => line.id === id);
  if (quantity > 0 && !known && kept.length >= MAX_LINES) return false;
  const changed = known
    ? kept.map((line) => (line.id === id ? { id, quantity } : line))
    : [...kept, { id, quantity }];
  save(changed.filter((line) => line.quantity > 0));
  return true;
}

export const empty = () => save([]);

function save(value) {
  remember('cart', value.length > 0 ? value : undefined);
  cart.dispatchEvent(new Event('change'));
}

onOtherTab('cart', () => cart.dispatchEvent(new Event('change')));

import { onOtherTab, recall, remember } from './storage.js';

/** The most pieces that an account may hold, of one product and altogether, and the most products of a reservation. */
export const MAX_QUANTITY = 10;
export const MAX_PIECES = 50;
export const MAX_LINES = 20;

/** The cart is stored in this browser: lines of { id, quantity }. Nothing in it is reserved yet. */
export const cart = new EventTarget();

export const lines = () => recall('cart') ?? [];
export const count = () => lines().reduce((sum, { quantity }) => sum + quantity, 0);
export const quantityOf = (id) => lines().find((line) => line.id === id)?.quantity ?? 0;

/** Zero removes the product. Returns false when the cart already holds `MAX_LINES` products. */
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

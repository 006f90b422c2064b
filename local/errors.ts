/** Something about this machine keeps the shop from running; the message says what, where, and what to do. */
export class CannotRunError extends Error {
  override name = 'CannotRunError';
}

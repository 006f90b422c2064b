/** The shop cannot run on this machine. The message names the cause, the place and the remedy. */
export class CannotRunError extends Error {
  override name = 'CannotRunError';
}

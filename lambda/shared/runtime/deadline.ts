import { AsyncLocalStorage } from 'node:async_hooks';
import { SYSTEM_CLOCKS } from './clocks';

const { ticks } = SYSTEM_CLOCKS;
const deadline = new AsyncLocalStorage<number>();

/** Nobody waits for `work`, or for anything that it calls, longer than this. An earlier deadline around it counts. */
export const withDeadline = <Result>(ms: number, work: () => Result): Result =>
  deadline.run(ticks() + Math.min(ms, remainingMs()), work);

/** Milliseconds, negative when it is too late; infinite without a deadline. */
export const remainingMs = (): number => (deadline.getStore() ?? Number.POSITIVE_INFINITY) - ticks();

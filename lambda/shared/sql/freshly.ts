import { AsyncLocalStorage } from 'node:async_hooks';

const fresh = new AsyncLocalStorage<true>();

/** Everything that `work` reads comes from the primary, however deep below it: for clients that changed something. */
export const freshly = <Result>(work: () => Result): Result => fresh.run(true, work);

export const isFresh = (): boolean => fresh.getStore() === true;

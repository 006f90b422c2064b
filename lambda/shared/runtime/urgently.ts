import { AsyncLocalStorage } from 'node:async_hooks';

const urgent = new AsyncLocalStorage<true>();

/** Everything that `work` does, however deep below it, finds a place in queues that are full for other work. */
export const urgently = <Result>(work: () => Result): Result => urgent.run(true, work);

export const isUrgent = (): boolean => urgent.getStore() === true;

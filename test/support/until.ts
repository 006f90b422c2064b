import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when a fact is true. There is no limit but jest's: a test that times out names the fact it waited for. */
export const until = (fact: () => unknown): Promise<void> => wait(fact, () => String(fact));

/** Repeats an attempt until it resolves, and resolves to its result. */
export async function eventually<Result>(attempt: () => Promise<Result>): Promise<Result> {
  let result: Promise<Result> = Promise.reject(new Error('It was not tried'));
  let last = '';
  result.catch(() => undefined);
  const succeeds = () => {
    result = attempt();
    return result.then(
      () => true,
      (error) => {
        last = `${error?.stack ?? error}`;
      },
    );
  };
  await wait(succeeds, () => last);
  return result;
}

/** Descriptions of the facts that the running test waits for. */
const waits = new Map<object, () => string>();

async function wait(fact: () => unknown, describe: () => string): Promise<void> {
  const self = {};
  waits.set(self, describe);
  try {
    while (!(await fact())) {
      // A wait in vain must not keep the process alive.
      if (!waits.has(self)) throw new Error('The test has ended');
      await sleep(10);
    }
  } finally {
    waits.delete(self);
  }
}

function end(): void {
  const [inVain] = waits.values();
  waits.clear();
  if (inVain) throw new Error(`The test ended while it waited for this: ${inVain()}`);
}
afterEach(end);
afterAll(end);

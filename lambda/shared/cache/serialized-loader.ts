/**
 * Loads by key, such that each caller gets a value whose load began after the call. One load runs at a time; callers
 * that arrive while it runs share the next one.
 */
export function serializedLoader<Value>(
  load: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Promise<Value>>();

  const begin = (key: string): Promise<Value> => {
    waiting.delete(key);
    const loaded = load(key);
    const over = loaded.then(noop, noop).then(() => {
      if (running.get(key) === over) running.delete(key);
    });
    running.set(key, over);
    return loaded;
  };

  return (key) => {
    const next = waiting.get(key);
    if (next) return next;
    const before = running.get(key);
    if (!before) return begin(key);
    const after = before.then(() => begin(key));
    waiting.set(key, after);
    return after;
  };
}

const noop = () => undefined;

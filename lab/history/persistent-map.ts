/** A map of which each change makes another one, and both remain. */
export interface PersistentMap<Value> {
  get(key: string): Value | undefined;
  with(key: string, value: Value): PersistentMap<Value>;
}

/**
 * Baker's rerooting: the version that was read last holds the entries, and the others hold what differs from it. So
 * what a search tries and leaves costs little, and so does a step forward or back.
 */
export const persistentMap = <Value>(): PersistentMap<Value> => versionOf<Value>({ entries: new Map() });

type Version<Value> =
  | { readonly entries: Map<string, Value> }
  | { readonly key: string; readonly value: Value | undefined; readonly from: Place<Value> };

interface Place<Value> {
  version: Version<Value>;
}

function versionOf<Value>(version: Version<Value>): PersistentMap<Value> {
  const place = { version };
  return {
    get: (key) => entriesOf(place).get(key),
    with: (key, value) => versionOf({ key, value, from: place }),
  };
}

function entriesOf<Value>(place: Place<Value>): Map<string, Value> {
  const path: { readonly to: Place<Value>; readonly key: string; readonly value: Value | undefined }[] = [];
  let at = place;
  while (!('entries' in at.version)) {
    const { key, value, from } = at.version;
    path.push({ to: at, key, value });
    at = from;
  }
  const { entries } = at.version;
  for (const { to, key, value } of path.reverse()) {
    at.version = { key, value: entries.get(key), from: to };
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
    to.version = { entries };
    at = to;
  }
  return entries;
}

import type { Call } from '../history/history';

/** Gives names in place of ids, in the order in which they come. */
export function createNames(known: ReadonlyMap<string, string>, prefix: string): (id: string) => string {
  const names = new Map(known);
  let count = 0;
  return (id) => {
    const name = names.get(id) ?? `${prefix}${++count}`;
    names.set(id, name);
    return name;
  };
}

/** The same call, with names in place of the ids of its key, its request and its answer. */
export function renamed<Request extends object, Answer extends object>(
  call: Call<Request, Answer>,
  nameOf: (id: string) => string,
  members: readonly string[],
): Call<Request, Answer> {
  const inside = <Part extends object>(part: Part): Part =>
    Object.fromEntries(
      Object.entries(part).map(([member, value]) => [
        member,
        members.includes(member) ? nameOf(value) : value,
      ]),
    ) as Part;
  const { key, request, answer } = call;
  return { ...call, key: nameOf(key), request: inside(request), answer: answer && inside(answer) };
}

export const line = <Request, Answer>(
  call: Call<Request, Answer>,
  describe: (call: Call<Request, Answer>) => string,
): string => `${call.client} ${call.key} ${call.start.toFixed(3)} ${call.end.toFixed(3)} ${describe(call)}`;

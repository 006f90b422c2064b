import { serializedLoader } from '../../../../lambda/shared/cache/serialized-loader';

/** Loads that the test ends. */
function held() {
  const ends: ((value: string) => void)[] = [];
  const load = serializedLoader(() => new Promise<string>((resolve) => ends.push(resolve)));
  const end = async (n: number, value: string) => {
    ends[n]?.(value);
    await new Promise(setImmediate);
  };
  return { load, end, begun: () => ends.length };
}

test('callers that arrive during a load share the next one, which begins after it', async () => {
  const { load, end, begun } = held();
  const first = load('a');
  const others = Promise.all([load('a'), load('a'), load('a')]);
  expect(begun()).toBe(1);
  await end(0, 'old');
  expect(begun()).toBe(2);
  await end(1, 'new');
  expect([await first, await others]).toEqual(['old', ['new', 'new', 'new']]);
});

test('callers share a load until it begins, and later callers get the one after it', async () => {
  const { load, end, begun } = held();
  void load('a');
  const second = load('a');
  await end(0, 'one');
  const third = load('a');
  await end(1, 'two');
  await end(2, 'three');
  expect([await second, await third, begun()]).toEqual(['two', 'three', 3]);
});

test('keys do not wait for each other, and nothing is kept', async () => {
  const { load, end, begun } = held();
  const both = Promise.all([load('a'), load('b')]);
  expect(begun()).toBe(2);
  await end(0, 'a');
  await end(1, 'b');
  expect(await both).toEqual(['a', 'b']);
  void load('a');
  expect(begun()).toBe(3);
});

test('a failed load fails its own callers, and the next load is tried', async () => {
  let tries = 0;
  const load = serializedLoader(async () => {
    if (++tries === 1) throw new Error('gone');
    return 'here';
  });
  const [first, second] = [load('a'), load('a')];
  await expect(first).rejects.toThrow('gone');
  expect(await second).toBe('here');
});

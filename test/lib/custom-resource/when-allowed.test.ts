import { whenAllowed } from '../../../lib/custom-resource/when-allowed';

const soon = { forMs: 60, pauseMs: 5 };
/** Longer than any machine needs for three pauses. */
const patiently = { forMs: 60_000, pauseMs: 5 };

/** Fails that many times, then says how often it was called. */
function failing(times: number, name: string) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error(`${name} ${calls}`), { name });
    return calls;
  };
}

test.each(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'])(
  'waits while a new permission is on its way (%s)',
  async (name) => {
    expect(await whenAllowed(failing(3, name), patiently)).toBe(4);
  },
);

test('ends with the refusal when none comes', async () => {
  await expect(whenAllowed(failing(1000, 'AccessDenied'), soon)).rejects.toThrow('AccessDenied');
});

test('does not repeat work that failed for another reason', async () => {
  await expect(whenAllowed(failing(1, 'NoSuchBucket'), soon)).rejects.toThrow('NoSuchBucket 1');
});

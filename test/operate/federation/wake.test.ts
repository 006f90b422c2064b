import { AnswerLostError } from '../../../operate/aws/invoke';
import { wakeFunction } from '../../../operate/federation/wake';
import { until } from '../../support/until';

const SILENT_MS = 100;

/** A function whose calls end when they are told to. */
function called() {
  const ends: ((error?: Error) => void)[] = [];
  const wake = wakeFunction(
    () =>
      new Promise<void>((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve()));
      }),
    SILENT_MS,
  );
  return { ends, wake };
}

test('a function is called at once, and not again while it works', async () => {
  const { ends, wake } = called();
  await wake(0);
  await wake(10 * SILENT_MS);
  expect(ends).toHaveLength(1);
});

test('it is called again when it has ended without the end of its command', async () => {
  const { ends, wake } = called();
  await wake(0);
  ends[0]?.();
  await wake(SILENT_MS / 2);
  expect(ends).toHaveLength(1);
  await until(async () => {
    await wake(SILENT_MS);
    return ends.length === 2;
  });
});

test('the reason of a call that failed is told', async () => {
  const { ends, wake } = called();
  await wake(0);
  ends[0]?.(new Error('You may not invoke this'));
  await expect(until(() => wake(0).then(() => false))).rejects.toThrow('You may not invoke this');
});

test('a call whose answer was lost is repeated: the function may be at work', async () => {
  const { ends, wake } = called();
  await wake(0);
  ends[0]?.(new AnswerLostError('The connection ended'));
  await until(async () => {
    await wake(SILENT_MS);
    return ends.length === 2;
  });
});

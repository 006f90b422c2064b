import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { createWriteGate, StillWritingError } from '../../../../lambda/data-migration/placement/write-gate';
import { ReadOnlyMomentError } from '../../../../lambda/shared/runtime/retry-later';

describe('the gate in front of writes', () => {
  test('holds writes while it is closed and lets them go on in their order, none lost', async () => {
    const gate = createWriteGate();
    const done: number[] = [];
    await gate.close(1000);
    const writes = [1, 2, 3].map((n) => gate.pass(async () => done.push(n)));
    await turn();
    expect(done).toEqual([]);
    expect(gate.open()).toEqual({ held: 3, refused: 0 });
    await Promise.all(writes);
    expect(done).toEqual([1, 2, 3]);
  });

  test('is closed only when writes that were under way are over', async () => {
    const gate = createWriteGate();
    const events: string[] = [];
    let finish = (): void => undefined;
    const write = gate.pass(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      events.push('written');
    });
    const closed = gate.close(1000).then(() => events.push('closed'));
    await turn();
    finish();
    await Promise.all([write, closed]);
    expect(events).toEqual(['written', 'closed']);
  });

  test('opens again when a write does not end in time', async () => {
    const gate = createWriteGate();
    let finish = (_: unknown): void => undefined;
    const hanging = gate.pass(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    await expect(gate.close(20)).rejects.toThrow(StillWritingError);
    await expect(gate.pass(async () => 'goes on')).resolves.toBe('goes on');
    finish('written');
    await hanging;
    await expect(gate.close(20)).resolves.toBeUndefined();
  });

  test('refuses a write that waited for too long, and says when to come again', async () => {
    const gate = createWriteGate(20);
    await gate.close(1000);
    const refused = await gate.pass(async () => 'written').catch((error) => error);
    expect(refused).toBeInstanceOf(ReadOnlyMomentError);
    expect(refused.retryAfterSeconds).toBeGreaterThan(0);
    expect(gate.open()).toEqual({ held: 0, refused: 1 });
    await gate.close(1000);
    expect(gate.open()).toEqual({ held: 0, refused: 0 });
  });

  test('passes on what a write throws, and does not wait for it later', async () => {
    const gate = createWriteGate();
    await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(gate.close(1000)).resolves.toBeUndefined();
  });

  test('holds again what went on just when it was closed again', async () => {
    const gate = createWriteGate();
    await gate.close(1000);
    const write = gate.pass(async () => 'written');
    gate.open();
    await gate.close(1000);
    await expect(Promise.race([write, sleep(20, 'held')])).resolves.toBe('held');
    gate.open();
    await expect(write).resolves.toBe('written');
  });
});

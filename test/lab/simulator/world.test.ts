import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { EPOCH, inWorld, StandstillError } from '../../../lab/simulator/world';

const HOUR = 3_600_000;

test('time passes as soon as nobody has anything to do', async () => {
  const before = Date.now();
  const times = await inWorld(1, async () => {
    const began = [Date.now(), performance.now()];
    await sleep(HOUR);
    await new Promise((resolve) => setTimeout(resolve, HOUR));
    return [...began, Date.now(), performance.now()];
  });
  expect(times).toEqual([EPOCH, 0, EPOCH + 2 * HOUR, 2 * HOUR]);
  expect(Date.now() - before).toBeLessThan(HOUR);
});

const chances = (seed: number) =>
  inWorld(seed, async (world) => [
    Math.random(),
    world.random('a')(),
    world.random('b')(),
    randomBytes(4).toString('hex'),
    uuidv7(),
    uuidv7(),
  ]);

test('chance is of the seed alone, ids too', async () => {
  const first = await chances(5);
  // Independent of what the generators have left.
  for (let before = 0; before < 12; before++) {
    await chances(6);
    for (let id = 0; id < before; id++) uuidv7();
    expect(await chances(5)).toEqual(first);
  }
  expect(await chances(6)).not.toEqual(first);
  expect(new Set(first).size).toBe(first.length);
});

test('a timer that was cleared does not run', async () => {
  const ran = await inWorld(1, async (world) => {
    const came: string[] = [];
    const timer = setTimeout(() => came.push('cleared'), 10);
    setTimeout(() => came.push('kept'), 20).unref();
    clearTimeout(timer);
    await world.after(30);
    return came;
  });
  expect(ran).toEqual(['kept']);
});

test('a wait for what never comes is told', async () => {
  await expect(inWorld(1, () => new Promise(() => undefined))).rejects.toThrow(StandstillError);
});

test('time and chance are those of the machine again, also after a failure', async () => {
  const { now } = Date;
  await expect(inWorld(1, () => Promise.reject(new Error('wrong')))).rejects.toThrow('wrong');
  expect(Date.now).toBe(now);
  expect(Math.abs(Date.now() - EPOCH)).toBeGreaterThan(0);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileMarker } from '../../../lambda/data-migration/placement/marker-file';
import { type Marker, WayBackClosedError } from '../../../lambda/data-migration/placement/placement';
import { acquirePlacementLease } from '../../../lambda/data-migration/placement/placement-lease';
import { closeWayBack, openWayBack } from '../../../lib/guard/way-back';

let folder: string;
let marker: Marker;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-way-back-'));
  marker = fileMarker(folder);
});

afterEach(() => rmSync(folder, { recursive: true }));

const stored = async () => (await marker.read())?.placement;

async function movedShop() {
  const placed = await acquirePlacementLease(marker);
  await placed.flip('managed', 'a move');
  return placed;
}

/** The marker of the guard; `between` happens once, after it was read and before it is written. */
function interrupted(between: () => Promise<unknown>): Marker {
  let first = true;
  return {
    read: async () => {
      const found = await marker.read();
      if (first) {
        first = false;
        await between();
      }
      return found;
    },
    write: marker.write,
  };
}

test('closes where the data was moved, and changes nothing else of the marker', async () => {
  await movedShop();
  const before = await stored();
  expect(await closeWayBack(marker)).toBe('managed');
  expect(await stored()).toEqual({ ...before, closed: true });
  const closed = await marker.read();
  expect(await closeWayBack(marker)).toBe('managed');
  expect(await marker.read()).toEqual(closed);
});

test('closes nothing while the data is on the box, or when nobody ever wrote a marker', async () => {
  expect(await closeWayBack(marker)).toBe('box');
  expect(await stored()).toBeUndefined();
  await acquirePlacementLease(marker);
  const before = await marker.read();
  expect(await closeWayBack(marker)).toBe('box');
  expect(await marker.read()).toEqual(before);
});

test('a flip back between reading and closing wins, and nothing is closed', async () => {
  const placed = await movedShop();
  expect(await closeWayBack(interrupted(() => placed.flip('box', 'back')))).toBe('box');
  expect(await stored()).toMatchObject({ data: 'box', by: 'back' });
  expect(await stored()).not.toHaveProperty('closed');
});

test('an app that starts between reading and closing changes nothing: it is closed all the same', async () => {
  await movedShop();
  expect(await closeWayBack(interrupted(() => acquirePlacementLease(marker)))).toBe('managed');
  expect(await stored()).toMatchObject({ data: 'managed', closed: true });
});

test('a flip that comes after closing loses', async () => {
  const placed = await movedShop();
  await closeWayBack(marker);
  await expect(placed.flip('box', 'back')).rejects.toThrow(WayBackClosedError);
  expect(await stored()).toMatchObject({ data: 'managed', closed: true });
});

test('opens what it closed, any number of times, and where there is nothing to open', async () => {
  await openWayBack(marker);
  expect(await stored()).toBeUndefined();
  await movedShop();
  const before = await stored();
  await closeWayBack(marker);
  for (const _ of [1, 2]) await openWayBack(marker);
  expect(await stored()).toEqual(before);
});

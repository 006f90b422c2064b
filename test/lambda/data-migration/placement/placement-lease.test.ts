import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileMarker } from '../../../../lambda/data-migration/placement/marker-file';
import {
  type Marker,
  MarkerChangedError,
  WayBackClosedError,
} from '../../../../lambda/data-migration/placement/placement';
import {
  acquirePlacementLease,
  PlacementLostError,
} from '../../../../lambda/data-migration/placement/placement-lease';
import { closeWayBack, openWayBack } from '../../../../lib/guard/way-back';

let folder: string;
let marker: Marker;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-placed-'));
  marker = fileMarker(folder);
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('where the data of a process is', () => {
  test('is the box when nothing was ever moved', async () => {
    const placed = await acquirePlacementLease(marker);
    expect(placed.current()).toBe('box');
    expect((await marker.read())?.placement.data).toBe('box');
  });

  test('is where the marker says after a restart', async () => {
    await (await acquirePlacementLease(marker)).flip('managed', 'a move');
    const placed = await acquirePlacementLease(marker);
    expect(placed.current()).toBe('managed');
    expect((await marker.read())?.placement).toMatchObject({ data: 'managed', by: 'a move' });
  });

  test('is not flipped by a process that was replaced', async () => {
    const old = await acquirePlacementLease(marker);
    await acquirePlacementLease(marker);
    await expect(old.flip('managed', 'too late')).rejects.toThrow(MarkerChangedError);
    expect(old.current()).toBe('box');
    expect((await marker.read())?.placement.data).toBe('box');
  });

  test('is unknown to a process when another one flipped it: it neither reads nor writes any more', async () => {
    const old = await acquirePlacementLease(marker);
    await (await acquirePlacementLease(marker)).flip('managed', 'the other');
    await expect(old.flip('managed', 'too late')).rejects.toThrow(MarkerChangedError);
    expect(() => old.current()).toThrow(PlacementLostError);
  });

  test('follows a flip that was stored though its answer was lost', async () => {
    const placed = await acquirePlacementLease(failing(marker, 'after'));
    await placed.flip('managed', 'a move');
    expect(placed.current()).toBe('managed');
  });

  test('stays after a flip that was not stored, and a late one can no longer happen', async () => {
    const placed = await acquirePlacementLease(failing(marker, 'before'));
    const expected = await marker.read();
    await expect(placed.flip('managed', 'a move')).rejects.toThrow('the connection broke');
    expect(placed.current()).toBe('box');
    const late = { data: 'managed', since: new Date().toISOString(), by: 'a move' } as const;
    await expect(marker.write(late, expected)).rejects.toThrow(MarkerChangedError);
    await placed.flip('managed', 'the next try');
    expect(placed.current()).toBe('managed');
  });

  test('is found out even when the marker does not answer for a while', async () => {
    let down = 2;
    const placed = await acquirePlacementLease(failing(marker, 'after', () => down-- > 0));
    await placed.flip('managed', 'a move');
    expect(placed.current()).toBe('managed');
  });
});

describe('the way back, once the guard of a deploy closed it', () => {
  test('is refused to the process that runs, before anything is carried and at the flip', async () => {
    const placed = await acquirePlacementLease(marker);
    await placed.flip('managed', 'a move');
    await closeWayBack(marker);
    await expect(placed.flip('box', 'under way meanwhile')).rejects.toThrow(WayBackClosedError);
    await expect(placed.mayFlip('box')).rejects.toThrow(WayBackClosedError);
    expect(placed.current()).toBe('managed');
    await expect(placed.mayFlip('managed')).resolves.toBeUndefined();
  });

  test('stays closed for a process that starts later', async () => {
    await (await acquirePlacementLease(marker)).flip('managed', 'a move');
    await closeWayBack(marker);
    const later = await acquirePlacementLease(marker);
    expect((await marker.read())?.placement).toMatchObject({ data: 'managed', by: 'a move', closed: true });
    await expect(later.flip('box', 'back')).rejects.toThrow(WayBackClosedError);
  });

  test('is open again for the process that runs when the deploy was rolled back', async () => {
    const placed = await acquirePlacementLease(marker);
    await placed.flip('managed', 'a move');
    await closeWayBack(marker);
    await openWayBack(marker);
    await placed.mayFlip('box');
    await placed.flip('box', 'back');
    expect(placed.current()).toBe('box');
    expect((await marker.read())?.placement).not.toHaveProperty('closed');
  });

  test('is not opened for a process that was replaced', async () => {
    const old = await acquirePlacementLease(marker);
    await old.flip('managed', 'a move');
    await acquirePlacementLease(marker);
    await expect(old.mayFlip('box')).rejects.toThrow(MarkerChangedError);
  });
});

/** The first flip's connection breaks, before or after it is stored; reads fail while `down` is true. */
function failing(real: Marker, when: 'before' | 'after', down: () => boolean = () => false): Marker {
  let flipped = false;
  return {
    read: () => (flipped && down() ? Promise.reject(new Error('down')) : real.read()),
    write: async (next, expected) => {
      if (flipped || next.data !== 'managed') return real.write(next, expected);
      flipped = true;
      if (when === 'after') await real.write(next, expected);
      throw new Error('the connection broke');
    },
  };
}

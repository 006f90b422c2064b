import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileMarker } from '../../../../lambda/data-migration/placement/marker-file';
import {
  acquirePlacementLease,
  type PlacementLease,
} from '../../../../lambda/data-migration/placement/placement-lease';
import { routedBlobs, routedSql } from '../../../../lambda/data-migration/placement/routed-stores';
import { createWriteGate } from '../../../../lambda/data-migration/placement/write-gate';
import { type Blobs, UPLOADS } from '../../../../lambda/shared/blobs/blobs';
import { openDiskBlobs } from '../../../../lambda/shared/blobs/disk';
import { ReadOnlyMomentError } from '../../../../lambda/shared/runtime/retry-later';
import { openSql } from '../../../../lambda/shared/sql/open';
import type { Sql } from '../../../../lambda/shared/sql/sql';

let folder: string;
let placed: PlacementLease;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shop-follow-'));
  placed = await acquirePlacementLease(fileMarker(join(folder, 'marker')));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('a schema that follows the placement', () => {
  let sides: { box: Sql; managed: Sql };
  let sql: Sql;

  beforeEach(async () => {
    sides = {
      box: await openSql(`file:${folder}/box.db`),
      managed: await openSql(`file:${folder}/managed.db`),
    };
    for (const [place, side] of Object.entries(sides)) {
      await side.execute('CREATE TABLE places (name VARCHAR(20))');
      await side.execute('INSERT INTO places VALUES (?)', [place]);
    }
    sql = routedSql(placed, sides);
  });

  afterEach(() => sql.close());

  const names = async () =>
    (await sql.query<{ name: string }>('SELECT name FROM places')).map(({ name }) => name);

  test('reads and writes where the data is', async () => {
    expect(await names()).toEqual(['box']);
    await placed.flip('managed', 'a test');
    await sql.execute("INSERT INTO places VALUES ('one')");
    await sql.transaction((tx) => tx.execute("INSERT INTO places VALUES ('two')"));
    await sql.exclusively('lock', (session) => session.execute("INSERT INTO places VALUES ('three')"));
    expect(await names()).toEqual(['managed', 'one', 'two', 'three']);
    expect(await sides.box.query('SELECT name FROM places')).toEqual([{ name: 'box' }]);
  });

  test('reads while writes are held, and writes on the new side when they go on', async () => {
    await placed.gate.close(1000);
    const write = sql.execute("INSERT INTO places VALUES ('held')");
    expect(await names()).toEqual(['box']);
    await placed.flip('managed', 'a test');
    placed.gate.open();
    await write;
    expect(await names()).toEqual(['managed', 'held']);
  });

  test('finishes a transaction on the side where it began', async () => {
    let finish = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const transaction = sql.transaction(async (tx) => {
      await begun;
      await tx.execute("INSERT INTO places VALUES ('begun before')");
    });
    const closed = placed.gate.close(1000);
    finish();
    await Promise.all([transaction, closed]);
    expect(await sides.box.query('SELECT name FROM places')).toHaveLength(2);
  });

  test('refuses a write that waited for too long', async () => {
    const impatient = await acquirePlacementLease(fileMarker(join(folder, 'other')), createWriteGate(30));
    const held = routedSql(impatient, sides);
    await impatient.gate.close(1000);
    await expect(held.execute("INSERT INTO places VALUES ('late')")).rejects.toThrow(ReadOnlyMomentError);
    await expect(held.transaction(async () => undefined)).rejects.toThrow(ReadOnlyMomentError);
    impatient.gate.open();
    expect(await names()).toEqual(['box']);
  });
});

describe('files that follow the placement', () => {
  let sides: { box: Blobs; managed: Blobs };
  let blobs: Blobs;
  const bytes = Buffer.from('a picture');

  beforeEach(async () => {
    sides = { box: await openDiskBlobs(`${folder}/box`), managed: await openDiskBlobs(`${folder}/managed`) };
    blobs = routedBlobs(placed, sides);
  });

  const upload = async () => {
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const wanted = { key: 'uploads/1', bytes: bytes.length, type: 'image/png', sha256, expiresInSeconds: 60 };
    const { url, method, headers } = await blobs.uploadTicket(wanted);
    expect(url.startsWith(UPLOADS)).toBe(true);
    return new Request(`http://shop${url}`, {
      method,
      body: bytes,
      headers: { ...headers, 'Content-Length': String(bytes.length) },
    });
  };

  test('are stored where the data is', async () => {
    await blobs.put('photos/1/160.webp', bytes, 'image/webp');
    await placed.flip('managed', 'a test');
    await blobs.put('photos/2/160.webp', bytes, 'image/webp');
    expect(await sides.box.head('photos/1/160.webp')).toEqual({ bytes: bytes.length });
    expect(await sides.managed.head('photos/1/160.webp')).toBeUndefined();
    expect(await sides.managed.head('photos/2/160.webp')).toEqual({ bytes: bytes.length });
  });

  test('are found when they came to the side that was left, and brought along', async () => {
    const request = await upload();
    await placed.flip('managed', 'a test');
    expect((await blobs.receive?.(request))?.status).toBe(200);
    expect(await blobs.head('uploads/1')).toEqual({ bytes: bytes.length });
    expect(Buffer.from((await sides.managed.get('uploads/1')) ?? [])).toEqual(bytes);
    expect(await blobs.get('uploads/2')).toBeUndefined();
  });

  test('are brought along with the type by which browsers show them', async () => {
    const types: string[] = [];
    const put: Blobs['put'] = (key, content, type) => {
      types.push(type);
      return sides.managed.put(key, content, type);
    };
    blobs = routedBlobs(placed, { ...sides, managed: { ...sides.managed, put } });
    for (const key of ['photos/1/160.webp', 'uploads/1']) await sides.box.put(key, bytes, 'image/webp');
    await placed.flip('managed', 'a test');
    for (const key of ['photos/1/160.webp', 'uploads/1']) await blobs.get(key);
    expect(types).toEqual(['image/webp', 'application/octet-stream']);
  });

  test('are deleted on both sides, so that nothing brings them back', async () => {
    for (const side of Object.values(sides)) await side.put('photos/1/160.webp', bytes, 'image/webp');
    await blobs.delete('photos/1/160.webp');
    expect(await blobs.head('photos/1/160.webp')).toBeUndefined();
  });
});

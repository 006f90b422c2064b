import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptObjects } from '../../../local/servers/objects';

const object = (body: string, path = '/media/photos/1.webp') => ({
  ...{ path, type: 'image/webp', body: Buffer.from(body) },
});

test('an object is there again with its path, type and bytes, until it is forgotten', () => {
  const folder = mkdtempSync(join(tmpdir(), 'objects-'));
  const kept = keptObjects(folder);
  kept.keep(object('one\ntwo'));
  expect(keptObjects(folder).all()).toEqual([object('one\ntwo')]);
  expect(kept.get('/media/photos/1.webp')).toEqual(object('one\ntwo'));
  kept.forget('/media/photos/1.webp');
  expect([kept.get('/media/photos/1.webp'), kept.all()]).toEqual([undefined, []]);
});

test('an object that is replaced is the old one or the new one, and at no moment a part of either', () => {
  const folder = mkdtempSync(join(tmpdir(), 'objects-'));
  const kept = keptObjects(folder);
  kept.keep(object('old'));
  const [name = ''] = readdirSync(folder);
  const before = openSync(join(folder, name), 'r');
  kept.keep(object('new and longer'));
  // The old file is whole: the new one was written beside it, and took its name once it was complete.
  expect(readFileSync(before, 'utf8')).toBe('{"type":"image/webp"}\nold');
  closeSync(before);
  expect(kept.all()).toEqual([object('new and longer')]);
});

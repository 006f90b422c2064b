import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kept } from '../../lib/kept-output';
import { cleanup } from '../support/cleanup';

const DAY_S = 86_400;

function newKey(): string {
  return `test-${randomUUID()}`;
}
function make(folder: string, content = 'made'): void {
  writeFileSync(join(folder, 'file'), content);
}
const contentOf = (folder: string) => readFileSync(join(folder, 'file'), 'utf8');
const removed = (folder: string): string => {
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('an output is made once for a key', () => {
  const key = newKey();
  const first = removed(kept(key, (folder) => make(folder, 'first')));
  expect(kept(key, (folder) => make(folder, 'second'))).toBe(first);
  expect(contentOf(first)).toBe('first');
});

test('an output that could not be made leaves nothing, and is made by the next call', () => {
  const key = newKey();
  const failing = (folder: string) => {
    make(folder);
    throw new Error('no space');
  };
  expect(() => kept(key, failing)).toThrow('no space');
  expect(contentOf(removed(kept(key, make)))).toBe('made');
});

test('of two that make it at the same time, both have a complete one', () => {
  const key = newKey();
  let inner = '';
  const outer = kept(key, (folder) => {
    inner = kept(key, make);
    make(folder, 'late');
  });
  expect(removed(outer)).toBe(inner);
  expect(contentOf(outer)).toBe('made');
});

test('an output that nobody asked for in a day is removed, one that was asked for is not', () => {
  const [old, used] = [newKey(), newKey()].map((key) => ({ key, folder: removed(kept(key, make)) }));
  const long = Date.now() / 1000 - 2 * DAY_S;
  for (const one of [old, used]) utimesSync(one?.folder ?? '', long, long);
  kept(used?.key ?? '', make);
  removed(kept(newKey(), make));
  expect([existsSync(old?.folder ?? ''), existsSync(used?.folder ?? '')]).toEqual([false, true]);
});

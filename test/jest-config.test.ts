import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { trackedFiles } from './support/tracked-files';

const root = join(__dirname, '..');
// JavaScript, without types.
const { roots, testMatch }: { roots: string[]; testMatch: string[] } = require('../jest.config');
const files = trackedFiles(root).filter((file) => /\.(ts|js)$/.test(file) && file.includes('/'));
const folders = new Set(files.map((file) => file.split('/')[0]));

test('jest knows every folder with sources, so that it finds the tests that belong to a file', () => {
  expect(new Set(roots.map((folder: string) => folder.replace('<rootDir>/', '')))).toEqual(folders);
  for (const folder of folders) expect(existsSync(join(root, folder ?? ''))).toBe(true);
});

test('every suite is below test, where it mirrors the sources, and no other file is one', () => {
  expect(testMatch).toEqual(['<rootDir>/test/**/*.test.ts']);
  const outside = files.filter(
    (file) => /\.(test|spec)\.\w+$/.test(file) && !/^test\/.*\.test\.ts$/.test(file),
  );
  expect(outside).toEqual([]);
});

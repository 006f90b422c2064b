import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPrepared, nativesDirectory, nativesStamp, preparedNatives } from '../../lib/natives';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'shop-natives-'));
  writeFileSync(join(project, 'package-lock.json'), '{}');
});
afterEach(() => rmSync(project, { recursive: true }));

function prepare() {
  mkdirSync(join(project, nativesDirectory), { recursive: true });
  writeFileSync(join(project, nativesDirectory, 'stamp'), nativesStamp(project));
}

test('synthesis says which command to run when the native modules are missing', () => {
  expect(() => preparedNatives(project)).toThrow('npm run prepare');
});

test('native modules of an older lock are not used', () => {
  prepare();
  expect(preparedNatives(project)).toBe(join(project, nativesDirectory, 'node_modules'));
  writeFileSync(join(project, 'package-lock.json'), '{"changed":true}');
  expect(isPrepared(project)).toBe(false);
  expect(() => preparedNatives(project)).toThrow('older than package-lock.json');
});

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { apart, entries, layers } from './layers.json';

const root = join(__dirname, '..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(join(root, file)));

/** Every import of another file of the project, type-only ones too. */
const imports = files.flatMap((from) =>
  [...readFileSync(join(root, from), 'utf8').matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.[^']+)'/gm)].map(
    ([, path = '']) => ({ from, to: relative(root, join(root, dirname(from), path)) }),
  ),
);

const isIn = (file: string, place: string) =>
  file === `${place}.ts` || file === place || file.startsWith(`${place}/`);
const layerOf = (file: string) =>
  entries.some((entry) => isIn(file, entry))
    ? layers.findIndex((layer) => layer.includes('lambda/hosts'))
    : layers.findIndex((layer) => layer.some((place) => isIn(file, place)));

test('every file has a layer', () => {
  expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
});

test('no file imports from a layer above its own', () => {
  expect(imports.length).toBeGreaterThan(1000);
  const upward = imports.filter(({ from, to }) => layerOf(to) > layerOf(from));
  expect(upward.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('neither service imports the other', () => {
  const across = imports.filter(({ from, to }) =>
    apart.some((places) => {
      const [a, b] = [from, to].map((file) => places.find((place) => isIn(file, place)));
      return a !== undefined && b !== undefined && a !== b;
    }),
  );
  expect(across).toEqual([]);
});

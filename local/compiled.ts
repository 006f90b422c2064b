import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync, type OutputFile, stop } from 'esbuild';
import { kept } from '../lib/kept-output';
import { ROOT } from '../lib/root';

const made = new Map<string, readonly OutputFile[]>();

/**
 * Node's arguments for a program of this repository, such as `lambda/hosts/server.ts`, as one file of JavaScript. This
 * process compiles it once; it starts with a third of the CPU that it takes through tsx (decision 0270). Stack traces name
 * the sources.
 */
export function compiled(entry: string): string[] {
  const files = made.get(entry) ?? compile(entry);
  made.set(entry, files);
  const hash = createHash('sha256');
  for (const { contents } of files) hash.update(contents);
  const folder = kept(hash.digest('hex'), (empty) => {
    // Another user may run it.
    chmodSync(empty, 0o755);
    for (const { path, contents } of files) writeFileSync(join(empty, basename(path)), contents);
  });
  return ['--enable-source-maps', join(folder, fileOf(entry))];
}

const fileOf = (entry: string): string => `${basename(entry, '.ts')}.js`;

function compile(entry: string): readonly OutputFile[] {
  try {
    return buildSync({
      ...{ absWorkingDir: ROOT, entryPoints: [entry], outfile: fileOf(entry), write: false },
      ...{ bundle: true, packages: 'external', platform: 'node', target: 'node20', format: 'cjs' },
      ...{ sourcemap: 'linked', sourcesContent: false, sourceRoot: String(pathToFileURL(join(ROOT, '/'))) },
      // lib/root.ts alone asks for it.
      define: { __dirname: JSON.stringify(join(ROOT, 'lib')) },
      logLevel: 'silent',
    }).outputFiles;
  } finally {
    // Else esbuild's own process goes on as long as this one.
    void stop();
  }
}

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
 * process compiles it once; it starts with less than half of the CPU that it takes through tsx (decision 0270). Stack
 * traces name the sources.
 */
export function compiled(entry: string): string[] {
  const files = made.get(entry) ?? compile(entry);
  made.set(entry, files);
  const hash = createHash('sha256');
  for (const { contents } of files) hash.update(contents);
  try {
    const folder = kept(hash.digest('hex'), (empty) => write(files, empty));
    return ['--enable-source-maps', join(folder, fileOf(entry))];
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EROFS', 'EACCES', 'EPERM'].includes(code)) throw error;
    // Packages that this user may not add to: it starts slower.
    return ['--import', 'tsx', join(ROOT, entry)];
  }
}

/** Another user may run the program, whatever files this one keeps to itself. */
function write(files: readonly OutputFile[], folder: string): void {
  chmodSync(folder, 0o755);
  for (const { path, contents } of files) {
    const file = join(folder, basename(path));
    writeFileSync(file, contents);
    chmodSync(file, 0o644);
  }
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

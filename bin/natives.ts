import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isPrepared, nativePackages, nativesDirectory, nativesStamp, nativeTarget } from '../lib/natives';
import { ROOT } from '../lib/root';

// `npm install --package-lock-only` tells the npm below by its environment to install nothing either.
if (!isPrepared(ROOT) && process.env.npm_config_package_lock_only !== 'true') prepare();

/** Installs only the packages with native code, at the versions of the lock file, for the deploy target. */
function prepare(): void {
  const destination = join(ROOT, nativesDirectory);
  mkdirSync(dirname(destination), { recursive: true });
  const work = mkdtempSync(`${destination}-`);
  try {
    for (const file of ['package-lock.json', '.npmrc']) cpSync(join(ROOT, file), join(work, file));
    writeFileSync(
      join(work, 'package.json'),
      JSON.stringify({ private: true, dependencies: nativeDependencies() }),
    );
    const target = Object.entries(nativeTarget).map(([key, value]) => `--${key}=${value}`);
    execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', ...target], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    writeFileSync(join(work, 'stamp'), nativesStamp(ROOT));
    rmSync(join(work, 'node_modules', '.package-lock.json'), { force: true });
    rmSync(destination, { recursive: true, force: true });
    renameSync(work, destination);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function nativeDependencies(): Record<string, string | undefined> {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  return Object.fromEntries(nativePackages.map((name) => [name, manifest.dependencies[name]]));
}

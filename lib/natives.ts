import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The deploy target: Graviton with Amazon Linux 2023's glibc. */
export const nativeTarget = { os: 'linux', cpu: 'arm64', libc: 'glibc' } as const;

/** Packages that the release loads at run time because they hold compiled code. */
export const nativePackages = ['@node-rs/argon2', 'sharp'] as const;

/** The output of `npm run prepare`, relative to the project. */
export const nativesDirectory = '.native/linux-arm64';

/** The native modules are missing or from another lock file. Synthesis never runs npm itself. */
export class NativesNotPreparedError extends Error {
  override readonly name = 'NativesNotPreparedError';
}

/** The `node_modules` of the deploy target. @throws NativesNotPreparedError with the command that prepares it */
export function preparedNatives(root: string): string {
  const directory = join(root, nativesDirectory);
  if (!isPrepared(root)) {
    throw new NativesNotPreparedError(
      `The native modules for ${nativeTarget.os}-${nativeTarget.cpu} in ${nativesDirectory} are missing or older than ` +
        'package-lock.json. Prepare them with: npm run prepare',
    );
  }
  return join(directory, 'node_modules');
}

export function isPrepared(root: string): boolean {
  const stamp = join(root, nativesDirectory, 'stamp');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === nativesStamp(root);
}

/** Changes with the lock file, the target or the list of packages. */
export function nativesStamp(root: string): string {
  return createHash('sha256')
    .update(JSON.stringify([nativeTarget, nativePackages]))
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

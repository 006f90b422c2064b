import type { Shown } from './product';

/**
 * The ETag of a product: `"<version>-<available>"`, or `"<version>"` until its first units arrive. Caches need both, since
 * every sale changes `available` in the body. Edits compare the version alone, so a sale never makes one fail.
 */
export const productTag = (version: number, { available, arrived }: Shown): string =>
  arrived === 1 ? `"${version}-${available}"` : `"${version}"`;

/** True if If-None-Match contains the tag, by weak comparison (RFC 9110, GET). */
export function noneMatch(header: string | undefined, tag: string): boolean {
  return (
    header !== undefined &&
    (header.trim() === '*' || tags(header).some((given) => given.replace(/^W\//, '') === tag))
  );
}

/**
 * True if If-Match contains a tag of the version. Weak tags count, against RFC 9110: a proxy that compresses makes tags
 * weak, and compression does not change the version.
 */
export function matchesVersion(header: string, version: number): boolean {
  return (
    header.trim() === '*' ||
    tags(header).some((given) => given.match(/^(?:W\/)?"(\d+)(?:-\d+)?"$/)?.[1] === String(version))
  );
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];

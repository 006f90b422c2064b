/**
 * The tag of a product's bytes: `"<version>-<available>"`. What is available moves with every sale and is in the bytes,
 * so caches must see it; an edit depends on the version alone, so that a sale never refuses one.
 */
export const productTag = (version: number, available: number): string => `"${version}-${available}"`;

/** If-None-Match: any of the tags, compared weakly as RFC 9110 asks for GET. */
export function noneMatch(header: string | undefined, tag: string): boolean {
  return (
    header !== undefined &&
    (header.trim() === '*' || tags(header).some((given) => given.replace(/^W\//, '') === tag))
  );
}

/**
 * If-Match: whether the version is among those of the tags that were given. A weak one counts, against RFC 9110: a proxy
 * that compresses makes a tag weak, and of this one only the version decides, which no compression changes.
 */
export function matchesVersion(header: string, version: number): boolean {
  return (
    header.trim() === '*' ||
    tags(header).some((given) => given.match(/^(?:W\/)?"(\d+)(?:-\d+)?"$/)?.[1] === String(version))
  );
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];

/** The lowest text of all UUIDv7 that are made from a time on (epoch milliseconds): ids sort by the time of their making. */
export function idFloor(at: number): string {
  const hex = Math.max(0, at).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** The inverse: the time at which a UUIDv7, or the beginning of one, was made. */
export const timeOfId = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

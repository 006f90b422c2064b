/** The beginning of the month of a time, or of one so many months later; epoch milliseconds, UTC. */
export function monthStart(at: number, later = 0): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1);
}

/** The partition of a month: `p202608`. */
export const partitionName = (start: number): string =>
  `p${new Date(start).toISOString().slice(0, 7).replace('-', '')}`;

/** The inverse; undefined for partitions that are no month. */
export function startOf(partition: string): number | undefined {
  const [, year, month] = /^p(\d{4})(\d{2})$/.exec(partition) ?? [];
  return year && month ? Date.UTC(Number(year), Number(month) - 1, 1) : undefined;
}

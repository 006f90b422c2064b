/** Its head and body as they are sent; `{uuid}` is another one each time. */
export type RequestText = string;

export interface Serving {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly RequestText[];
}

/** CPU time in microseconds, and resident memory in bytes. */
export interface Usage extends NodeJS.CpuUsage {
  readonly rss: number;
}

/** Tells `served-cpu.ts`, which started this process, that it serves, and from then on what it has used. */
export function measured(serving: Serving): void {
  const usage = (): Usage => ({ ...process.cpuUsage(), rss: process.memoryUsage.rss() });
  process.on('message', () => process.send?.(usage()));
  process.send?.(serving);
}

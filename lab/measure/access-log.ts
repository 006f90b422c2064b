import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The answers of nginx, from the lines that it logged between two readings. */
export interface ProxyAnswers {
  readonly answered: number;
  /** Share of hits among the requests that its cache may answer; undefined without such a cache. */
  readonly hitRate: number | undefined;
}

/** Reads the lines since the last reading. */
export function watchAccessLog(path: string): () => ProxyAnswers {
  let from = read(path, 0).end;
  return () => {
    const { lines, end } = read(path, from);
    from = end;
    const caches = lines.flatMap((line) => /"cache":"([A-Z]+)"/.exec(line)?.[1] ?? []);
    const cacheable = caches.filter((state) => state !== 'BYPASS');
    const hits = cacheable.filter((state) => ['HIT', 'STALE', 'UPDATING', 'REVALIDATED'].includes(state));
    return {
      answered: lines.length,
      hitRate: cacheable.length === 0 ? undefined : hits.length / cacheable.length,
    };
  };
}

function read(path: string, from: number): { lines: string[]; end: number } {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
    readSync(file, bytes, 0, bytes.length, from);
    const end = bytes.lastIndexOf('\n') + 1;
    return { lines: bytes.toString('utf8', 0, end).split('\n').filter(Boolean), end: from + end };
  } finally {
    closeSync(file);
  }
}

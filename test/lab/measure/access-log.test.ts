import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchAccessLog } from '../../../lab/measure/access-log';

it('counts what nginx answered since the look before, and what of that its cache had', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-lab-'));
  try {
    const path = join(folder, 'access.log');
    const add = (...caches: string[]) =>
      appendFileSync(path, caches.map((cache) => `{"path":"/","cache":"${cache}","status":200}\n`).join(''));
    add('HIT', 'HIT');
    const look = watchAccessLog(path);
    add('HIT', 'MISS', 'STALE', 'EXPIRED', 'BYPASS', '');
    appendFileSync(path, '{"path":"/half');
    expect(look()).toEqual({ answered: 6, hitRate: 0.5 });
    expect(look()).toEqual({ answered: 0, hitRate: undefined });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

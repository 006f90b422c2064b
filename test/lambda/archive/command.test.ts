import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hereAnswer, remoteHere, remoteThere, thereAnswer } from '../../../lambda/archive/calls';
import { audit, query, runArchive, showStatus } from '../../../lambda/archive/command';
import { type Here, openHere, openThere, type There } from '../../../lambda/archive/control';
import { openDuckDb } from '../../../lambda/archive/duckdb';
import { monthStart } from '../../../lambda/archive/months';
import { openBlobs } from '../../../lambda/shared/blobs/open';
import { cleanup, closing } from '../../support/cleanup';
import { engines } from '../../support/engines';
import { openShop } from '../inventory/shop';
import { addOldSales } from './old-sales';

describe.each(engines())('the command, on $name', (engine) => {
  let sides: { here: Here; there: There };
  let said = '';
  const out = {
    write: (text: string) => {
      said += text;
    },
  };
  /** The words of one command. */
  const words = async (work: () => Promise<void>) => {
    said = '';
    await work();
    return said;
  };

  beforeEach(async () => {
    const shop = await openShop(engine);
    cleanup(() => shop.close());
    shop.clock.now = Date.UTC(2026, 10, 15);
    const now = () => shop.clock.now;
    const mug = await shop.add({ name: 'Coffee mug' }, 4);
    for (const months of [1, 5])
      await addOldSales(shop.sql, { at: monthStart(now(), -months), product: mug, count: 6 });
    const folder = mkdtempSync(join(tmpdir(), 'shop-command-'));
    cleanup(() => rmSync(folder, { recursive: true }));
    const blobs = await openBlobs(`file:${folder}`);
    const warehouse = closing(await openDuckDb(':memory:', blobs));
    const here = openHere({ ...{ sql: shop.sql, blobs, now }, keptMonths: 3 });
    const there = openThere({ warehouse, blobs });
    // As on AWS: every call and every result is JSON.
    const json = async <Result>(result: Promise<unknown>) =>
      JSON.parse(JSON.stringify(await result)) as Result;
    sides = {
      here: remoteHere((call) => json(hereAnswer(here, call))),
      there: remoteThere((call) => json(thereAnswer(there, call))),
    };
  });
  const options = () => ({ ...sides, out, now: () => Date.UTC(2026, 10, 15) });

  test('run moves what is old and shows how far it is; status says what is where', async () => {
    expect(await words(() => showStatus(options()))).toMatch(/^The database has all of its time\./);
    const progress = await words(() => runArchive(options()));
    expect(progress).toMatch(/^loading: 17 rows in 3 files\nloaded and counted: 1 batches\nidle: 17 rows/);
    const status = await words(() => showStatus(options()));
    expect(status).toContain('The database has all since 2026-08-01.');
    expect(status).toContain('The warehouse has 5 ledger lines, 6 reservations and 6 items.');
  });

  test.each(['sold', 'turnover', 'unbought'])(
    '%s answers the same before and after rows have left',
    async (name) => {
      const before = await words(() => query(options(), name));
      await runArchive(options());
      expect(await words(() => query(options(), name))).toBe(before);
    },
  );

  test('answers are tables with charts', async () => {
    await runArchive(options());
    const sold = await words(() => query(options(), 'sold'));
    expect(sold).toMatch(
      /^What sold when\n\nmonth +pieces +amount\n2026-06 +4 +51\.96 EUR\n2026-10 +4 +51\.96 EUR\n/,
    );
    expect(sold).toMatch(/2026-06 EUR +█{40} 4\n/);
    const unbought = await words(() => query(options(), 'unbought'));
    expect(unbought).toMatch(/Coffee mug +12 +4 +33 %/);
    // Eight pieces of a year, by a mean of none at its beginning and four now.
    expect(await words(() => query(options(), 'turnover'))).toMatch(/Coffee mug +8 +2\.0 +4\.00/);
  });

  test('audit sums both halves, at every step, and names a product of which the warehouse has too little', async () => {
    const clean = 'The stock matches the ledger in both halves.\n';
    expect(await words(async () => void (await audit(options())))).toBe(clean);
    expect(await sides.here.advance()).toBe('loading');
    await sides.there.load();
    expect(await words(async () => void (await audit(options())))).toBe(clean);
    await runArchive(options());
    expect(await words(async () => void (await audit(options())))).toBe(clean);
    await sides.there.query("DELETE FROM ledger WHERE kind = 'received'");
    expect(await audit(options())).toBe(false);
    expect(said).toMatch(/: 0 carried forward, and the warehouse has -4\n$/);
  });

  test('SQL is answered by the warehouse alone', async () => {
    await runArchive(options());
    const text = await words(() => query(options(), 'SELECT COUNT(*) AS n, MIN(reason) AS why FROM ledger'));
    expect(text).toMatch(/^n +why\n5 +ware/);
    expect(await words(() => query(options(), 'SELECT id FROM ledger WHERE id IS NULL'))).toBe(
      'Nothing was found.\n',
    );
  });
});

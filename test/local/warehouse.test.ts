import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runArchive, showStatus } from '../../lambda/archive/command';
import { monthStart } from '../../lambda/archive/months';
import { dataDirPaths } from '../../local/data-dir';
import { createDatabases } from '../../local/databases';
import { CannotRunError } from '../../local/errors';
import { reset } from '../../local/reset';
import { localSides } from '../../local/warehouse';
import { addOldSales } from '../lambda/archive/old-sales';
import { cleanup } from '../support/cleanup';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-local-warehouse-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
});

test('the embedded shop has a warehouse beside it, while it runs, and it goes with the shop', async () => {
  const paths = dataDirPaths(folder);
  const running = await createDatabases(paths.shop);
  const close = cleanup(running.close);
  const at = monthStart(Date.now(), -6);
  await addOldSales(running.inventorySql, { at, product: 'p', count: 3 });
  const sides = await localSides({ folder }, {});
  let said = '';
  const options = {
    ...sides,
    out: {
      write: (text: string) => {
        said += text;
      },
    },
  };
  await runArchive(options);
  await showStatus(options);
  await sides.close();
  expect(said).toContain('The warehouse has 3 ledger lines, 3 reservations and 3 items.');
  await close();
  expect(await reset(folder)).toContain(paths.warehouse);
  expect(existsSync(paths.warehouse)).toBe(false);
});

test('without a shop it says how to get one', async () => {
  await expect(localSides({ folder }, {})).rejects.toThrow(CannotRunError);
});

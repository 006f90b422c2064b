import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertProduct } from '../../lambda/inventory/catalog/repository';
import { compiled } from '../../local/compiled';
import { dataDirPaths } from '../../local/data-dir';
import { createDatabases, type Databases } from '../../local/databases';
import { MUG } from '../lambda/inventory/shop';
import { cleanup } from '../support/cleanup';

const root = join(__dirname, '../..');
let folder: string;
let databases: Databases;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shop-commands-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  databases = await createDatabases(dataDirPaths(folder).shop);
  cleanup(() => databases.close());
  await databases.usersSql.execute(
    "INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES ('1', 'sam@example.com', 'Sam', 'customer', '', 0)",
  );
  await databases.inventorySql.transaction((tx) =>
    insertProduct(tx, { ...MUG, id: 'p', version: 1, createdAt: 0, updatedAt: 0 }, Date.now),
  );
});

/** A command as a person runs it, beside the shop. */
const run = (program: string, ...words: string[]) => {
  const args = [...compiled(`bin/${program}`), ...words, '--local', '--data', folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return { status, said: stdout + stderr };
};

test('npm run staff -- --local makes somebody staff, and says who is unknown', async () => {
  expect(run('staff.ts', 'sam@example.com')).toMatchObject({
    status: 0,
    said: expect.stringContaining('sam@example.com is staff now'),
  });
  expect(await databases.usersSql.query('SELECT role FROM users')).toEqual([{ role: 'staff' }]);
  expect(run('staff.ts', 'nobody@example.com')).toMatchObject({
    status: 1,
    said: expect.stringContaining('register with it in the shop first'),
  });
});

test('npm run check-stock -- --local ends with 1 where the stock is not what the ledger says', async () => {
  expect(run('check-stock.ts')).toMatchObject({ status: 0, said: expect.stringContaining('matches') });
  await databases.inventorySql.execute("UPDATE stock SET on_hand = 3 WHERE product_id = 'p'");
  expect(run('check-stock.ts').status).toBe(1);
});

test('npm run rebuild-lists -- --local finds a row that is not what its product says, and writes it again', async () => {
  await databases.inventorySql.execute("UPDATE listings SET category = 'old' WHERE product_id = 'p'");
  expect(run('rebuild-lists.ts', '--check')).toMatchObject({
    status: 1,
    said: 'p\n1 of 1 products differed.\n',
  });
  expect(run('rebuild-lists.ts').status).toBe(0);
  expect(run('rebuild-lists.ts', '--check').status).toBe(0);
});

test('without a shop they say how to get one', () => {
  const empty = mkdtempSync(join(tmpdir(), 'shop-commands-none-'));
  cleanup(() => rmSync(empty, { recursive: true, force: true }));
  const args = [...compiled('bin/check-stock.ts'), '--local', '--data', empty];
  expect(() => execFileSync(process.execPath, args, { cwd: root, stdio: 'pipe' })).toThrow(
    'npm start makes one',
  );
});

import { join } from 'node:path';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import { usersMigrations } from '../../lambda/users/migrations';
import { engines } from '../support/engines';
import { noting, statementsIn } from '../support/statements';
import { askEverything as askInventory } from './inventory/every-statement';
import { BUSY, createCatalog, createHistory, FEW_SHARES } from './inventory/large-catalog';
import { askEverything as askUsers } from './users/every-statement';

/** Statements that no plan bounds, and the reason. */
const UNBOUNDED: Readonly<Record<string, string>> = {
  'inventory/stock/stock-audit.ts': 'an audit, which reads all of the ledger',
};

/** It reads nothing. */
const isOfValues = (text: string) => /^INSERT INTO .* VALUES \(/.test(text);

/** The plans on a million rows (a-million-rows.test.ts) are those of all statements. */
it('F4: every statement of users and inventory is among those whose plans are held', async () => {
  const [engine] = engines();
  if (!engine) throw new Error('SQLite is always there');
  const { url, ...inventory } = await engine.open('inventory');
  const maintenance = await openSql(url, { use: 'maintenance' });
  await createCatalog(maintenance, 1000, FEW_SHARES);
  await createHistory(maintenance, 1000);
  await maintenance.close();
  const users = await engine.open('users');
  await migrate(users, usersMigrations);

  const sent = new Set<string>();
  const note = (statement: string) => sent.add(statement);
  await askInventory(noting(inventory, note), BUSY);
  await askUsers(noting(users, note));
  const statements = ['inventory', 'users'].flatMap((service) =>
    statementsIn(join(__dirname, '../../lambda', service)).map((statement) => ({
      ...statement,
      file: `${service}/${statement.file}`,
    })),
  );
  expect(statements.length).toBeGreaterThan(80);
  const unasked = statements.filter(
    ({ file, text, pattern }) =>
      !(file in UNBOUNDED || isOfValues(text)) && ![...sent].some((each) => pattern.test(each)),
  );
  expect(unasked.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
});

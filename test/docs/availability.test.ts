import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS } from '../../lab/faults/faults';
import { availabilityTables } from '../../review/availability/availability-table';

const document = readFileSync(join(__dirname, '../../docs/availability.md'), 'utf8');

test('N2: docs/availability.md has the tables that the published service levels give', () => {
  const [, table = ''] = /<!-- computed -->\n([\s\S]*?)\n<!-- computed: end -->/.exec(document) ?? [];
  expect(table).toBe(availabilityTables());
});

test('N2: it has each fault of the lab that a phase is designed to survive', () => {
  const missing = FAULTS.filter(({ name }) => !document.includes(`\`${name}\``));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

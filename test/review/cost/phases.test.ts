import { phases } from '../../../lib/phases';
import { billRows, costLines } from '../../../review/cost/bill';
import { billDifference } from '../../../review/cost/difference';
import { billText } from '../../../review/cost/text';
import { quantity } from '../../../review/cost/units';
import { NOBODY, type Usage } from '../../../review/cost/usage';
import { synthesized } from '../../phases/synthesized';

/** Round numbers, so that a change of the templates or of a price is all that changes the bills below. */
const ROUND: Usage = {
  ...NOBODY,
  requests: quantity('million', 1_000),
  bytesToViewers: quantity('GB', 1_000),
  photoViews: quantity('million', 10),
  hosts: { web: 10, read: 10, write: 10 },
  capacityUnits: { writer: 4, replica: 3 },
  databaseStorage: quantity('GB-month', 100),
  databaseRequests: quantity('million', 100),
  balancerUnits: 2,
  rpcUnits: 1,
  betweenZones: quantity('GB', 1_000),
  cacheMemoryGigabytes: 1,
  cacheWork: quantity('million', 1_000),
  photosStored: quantity('GB-month', 100),
  photosWritten: quantity('million', 0.1),
  photosRead: quantity('million', 1),
  logs: quantity('GB', 100),
  snapshots: quantity('GB-month', 10),
  thumbnails: quantity('million', 0.1),
  itemsRead: quantity('million', 10),
  itemsWritten: quantity('million', 1),
  itemsStored: quantity('GB-month', 10),
  warehouse: quantity('unit-hour', 60),
  history: quantity('GB-month', 1_000),
};

test.each(phases)('the bill of phase $number, for round numbers', ({ number, title }) => {
  const { templates } = synthesized(number);
  expect(billText(`Phase ${number}, ${title}`, billRows(costLines(templates, ROUND)))).toMatchSnapshot();
});

test.each(phases.slice(1))(
  'phase $number bills the rows of the shop once, on however many clusters they are',
  (phase) => {
    const lines = costLines(synthesized(phase.number).templates, ROUND);
    const stored = lines.filter(({ price, about }) => price === 'rows stored' && about.startsWith('rows of'));
    expect(stored.reduce((sum, { units }) => sum + units, 0)).toBeCloseTo(ROUND.databaseStorage);
  },
);

test.each(phases.slice(1))(
  'the step to phase $number adds up to the difference of the two bills',
  ({ number }) => {
    const [before, after] = [number - 1, number].map((phase) =>
      billRows(costLines(synthesized(phase).templates, ROUND)),
    );
    const sum = (rows: readonly { readonly usd: number }[]) =>
      rows.reduce((total, { usd }) => total + usd, 0);
    const by = billDifference(before ?? [], after ?? []).reduce((total, row) => total + row.by, 0);
    expect(by).toBeCloseTo(sum(after ?? []) - sum(before ?? []), 0);
  },
);

import { simulationPage } from '../../../lab/report/simulation-page';
import { simulationTables, withSimulation } from '../../../lab/report/simulation-tables';
import { simulationSummary } from '../../../lab/report/simulation-text';

test('every chart of the page says that it is simulated', () => {
  const page = simulationPage();
  const labels = [...page.matchAll(/aria-label="([^"]*)"/g)].map(([, label]) => label);
  const captions = [...page.matchAll(/<figcaption>([^<]*)</g)].map(([, caption]) => caption);
  expect(labels.length).toBeGreaterThan(20);
  expect([...labels, ...captions].filter((label) => !label?.includes('simulated'))).toEqual([]);
});

test('the summary fits a terminal of 80 columns, and all promises are kept', () => {
  const summary = simulationSummary();
  expect(summary.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(summary).toContain('kept');
  expect(summary).not.toContain('BROKEN');
});

test('scaling costs less than groups that are fixed for a sale, and sheds less than groups fixed for business', () => {
  const { rows } = simulationTables().costs;
  const month = rows.at(-1)?.map((cell) => Number.parseFloat(cell.replace(',', ''))) ?? [];
  const [, scaling = 0, , sale = 0] = month;
  expect(scaling).toBeLessThan(0.7 * sale);
  expect(rows.find(([day]) => day === 'day of a sale')?.[2]).toContain('shed');
});

test('a document without a place for the tables is refused', () => {
  expect(() => withSimulation('# Nothing here')).toThrow('<!-- simulated: costs -->');
});

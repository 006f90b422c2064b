import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../lib/phases';

const page = readFileSync(join(__dirname, '../../docs/first-account.md'), 'utf8');
const section = (title: string) => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
/** Each row of a table as its cells, without the two of the head. */
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.slice(2, -2).split(' | '));

test.each(phases)(
  'phase $number has a deploy, and each check says what to do, to see, and to do otherwise',
  ({ number }) => {
    const rows = rowsOf(section(`Phase ${number}`));
    expect(rows.length).toBeGreaterThan(5);
    for (const cells of rows) {
      expect(cells).toHaveLength(4);
      expect(cells.every((cell) => cell.length > 1)).toBe(true);
    }
    const commands = rows.map(([, command]) => command).join('\n');
    expect(commands).toContain(`npx cdk deploy --all${number === 1 ? '' : ` -c phase=${number}`}`);
  },
);

test('the phases come in their order', () => {
  const numbers = [...page.matchAll(/^## Phase (\d)$/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(phases.map(({ number }) => number));
});

test('everything that was never run has its stand-in, and a phase in which it is met', () => {
  const rows = rowsOf(section('What was never run'));
  expect(rows.length).toBeGreaterThan(10);
  for (const [, insteadOf, phase = ''] of rows) {
    expect(insteadOf?.length).toBeGreaterThan(5);
    expect(phase).toMatch(/^([1-6]|any)$/);
  }
});

test.each(['README.md', 'docs/deploy.md', 'docs/mission.md'])('%s leads there', (document) => {
  expect(readFileSync(join(__dirname, '../..', document), 'utf8')).toContain('first-account.md');
});

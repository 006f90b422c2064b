import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ASSUMED from '../../lab/capacity/assumptions.json';
import { DOCUMENTS, quotes, withQuotes } from '../../lab/capacity/documents';
import { phases } from '../../lib/phases';
import { synthesized } from '../phases/synthesized';

const all = quotes(({ number }) => synthesized(number).templates);

test.each(DOCUMENTS)('%s quotes the plan and the bills, figure by figure: npm run cost -- --keep', (path) => {
  const document = readFileSync(path, 'utf8');
  expect(document).toBe(withQuotes(document, all));
});

test('docs/deploy.md has the cost of the step to each phase', () => {
  const document = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
  for (const { number } of phases) expect(document).toContain(`<!-- cost: phase ${number} -->`);
});

test('a mark without figures is refused', () => {
  expect(() => withQuotes('<!-- cost: nothing -->\n<!-- cost: end -->', all)).toThrow('"cost: nothing"');
});

test('each assumption of the plan has a source', () => {
  for (const { value, unit, about, source } of Object.values(ASSUMED)) {
    expect(value).toBeGreaterThanOrEqual(0);
    for (const text of [unit, about, source]) expect(text).not.toBe('');
  }
});

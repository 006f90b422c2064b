import { readFileSync } from 'node:fs';
import { keptRun } from '../../lab/report/run';
import { DOCUMENTS, withTable } from '../../lab/report/tables';

test.each(DOCUMENTS)('%s quotes the newest run that is kept, figure by figure', (path) => {
  const document = readFileSync(path, 'utf8');
  expect(document).toBe(withTable(document, keptRun()));
});

test('a document without a place for a run is refused', () => {
  expect(() => withTable('# Nothing here', keptRun())).toThrow('The document has no place for a run');
});

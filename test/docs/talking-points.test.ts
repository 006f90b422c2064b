import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');
const page = join(root, 'docs/talking-points.md');
const text = readFileSync(page, 'utf8');
const sections = text.split(/^## /m).slice(1);

const pathsIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

/** The rows of all tables that end with a file and a test. */
const rows = sections.flatMap((section) => {
  let head: string[] = [];
  return section.split('\n').flatMap((line) => {
    if (!line.startsWith('|')) {
      head = [];
      return [];
    }
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (head.length === 0) {
      head = cells;
      return [];
    }
    if (head.at(-1) !== 'test' || cells.every((cell) => /^-+$/.test(cell))) return [];
    return [{ row: section.slice(0, 2), head, cells }];
  });
});

test('T1 to T6 have a section each, in order', () => {
  expect(sections.map((section) => section.slice(0, 3))).toEqual(['T1.', 'T2.', 'T3.', 'T4.', 'T5.', 'T6.']);
});

test.each(['T1', 'T2', 'T3', 'T4', 'T5', 'T6'])('%s: each point has a file, a test and a price', (id) => {
  const own = rows.filter(({ row }) => row === id);
  expect(own.length).toBeGreaterThan(3);
  for (const { head, cells } of own) {
    expect(cells).toHaveLength(head.length);
    expect(cells.every((cell) => cell !== '' && cell !== '–')).toBe(true);
    expect(head.some((name) => name === 'trade-off' || name === 'verdict')).toBe(true);
  }
});

test('the files are of the sources, and the tests are tests', () => {
  const wrong = rows.flatMap(({ row, cells }) => {
    const [file = '', tests = ''] = cells.slice(-2).map((cell) => pathsIn(cell)[0]);
    const isThere = [file, tests].every((path) => existsSync(join(root, path)));
    const isTest = tests.startsWith('test/') && (tests.endsWith('.test.ts') || isFolder(tests));
    return isThere && isTest && !file.startsWith('test/') ? [] : [`${row}: ${file}, ${tests}`];
  });
  expect(wrong).toEqual([]);
});

const isFolder = (path: string) => existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();

const PLACES: readonly [string, readonly string[]][] = [
  ['T1', ['read replicas', 'federation', 'sharding', 'denormalization', 'SQL tuning']],
  ['T1', ['SQL', 'key-value', 'document', 'wide column', 'graph']],
  ['T2', ['client', 'CDN', 'web server', 'database', 'application']],
  ['T3', ['query', 'object']],
  ['T4', ['cache-aside', 'write-through', 'write-behind', 'refresh-ahead']],
  ['T5', ['message queue', 'task queue', 'back pressure', 'microservices', 'REST outside', 'RPC inside']],
];

test.each(PLACES)('%s answers each of %j', (id, points) => {
  const first = rows.filter(({ row }) => row === id).map(({ cells }) => cells[0]);
  expect(first).toEqual(expect.arrayContaining([...points]));
});

const FIGURE = /\d+(,\d{3})*(\.\d+)?/g;

/** Paragraphs, points of lists and rows of tables, without what a command writes: that has a test of its own. */
const statements = text
  .replace(/<!-- cost:[\s\S]*?<!-- cost: end -->/g, '')
  .split(/\n\n|\n(?=[-|#] ?)/)
  .map((block) => {
    const sources = [...block.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, to = '']) => to);
    const own = block
      .replace(/\]\([^)]*\)/g, ']')
      .replace(/\[\d{4}\]|`[^`]*`|\b[TF]\d\b|\bEC2\b|\bS3\b/g, '');
    return { block, sources, figures: own.match(FIGURE) ?? [] };
  });

test('each figure is in a page that is linked beside it', () => {
  /** Phases are numbers of one digit, and the order of what comes next is counted. */
  const figures = statements.map(({ figures: all, ...rest }) => ({
    ...rest,
    figures: all.filter((figure) => !/^\d$/.test(figure)),
  }));
  expect(figures.flatMap(({ figures: all }) => all).length).toBeGreaterThan(5);
  const invented = figures.flatMap(({ figures: all, sources, block }) => {
    const linked = sources.map((to) => readFileSync(join(dirname(page), to), 'utf8')).join('\n');
    const known: readonly string[] = linked.match(FIGURE) ?? [];
    return all
      .filter((figure) => !known.includes(figure))
      .map((figure) => `${figure}: ${block.slice(0, 60)}`);
  });
  expect(invented).toEqual([]);
});

test('serverless is cheaper up to a hundred thousand users, and more than twice as dear at a million', () => {
  const [, quoted = ''] = /<!-- cost: serverless -->\n([\s\S]*?)<!-- cost: end -->/.exec(text) ?? [];
  const bills = new Map(
    quoted
      .split('\n')
      .filter((line) => /^\| \d/.test(line))
      .map((line) => line.split(' | '))
      .map(([, users, , hosts = '', functions = '']) => [
        users,
        [hosts, functions].map((usd) => Number(usd.replaceAll(',', ''))) as [number, number],
      ]),
  );
  const dearer = (users: string) => {
    const [hosts, functions] = bills.get(users) ?? [Number.NaN, Number.NaN];
    return functions / hosts;
  };
  for (const users of ['1', '100', '10 k', '100 k']) expect(dearer(users)).toBeLessThan(1);
  for (const users of ['1 M', '10 M']) expect(dearer(users)).toBeGreaterThan(2);
});

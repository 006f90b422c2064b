import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChapterError, chapterOf, placed } from '../../guide/chapter';

const page = (...lines: string[]) =>
  ['# A page', '<!-- place: port 8081, data .local/here -->', '## One', ...lines].join('\n');
const step = (command: string, ...seen: string[]) => ['```sh', command, '```', '<!-- see', ...seen, '-->'];

test('commands are read in page order, with their lines, headings and assertions', () => {
  const { title, steps } = chapterOf(
    page(
      ...step('npm start -- --port 8081', 'opens: open', 'says: open', 'otherwise: Is it in use?'),
      '## Two',
      ...step(
        'load',
        'asks: rate = How many?',
        'figure: rate = /(\\d+) a second/ from 10 to 2,000'.replace(',', ''),
      ),
    ),
  );
  expect(title).toBe('A page');
  expect(steps).toMatchObject([
    {
      line: 5,
      section: 'One',
      command: 'npm start -- --port 8081',
      opens: 'open',
      checks: [{ statement: { kind: 'says', text: 'open' }, otherwise: 'Is it in use?' }],
    },
    {
      section: 'Two',
      asks: { figure: 'rate', question: 'How many?' },
      checks: [{ statement: { kind: 'figure', range: { from: 10, to: 2000 } } }],
    },
  ]);
});

test.each([
  ['a command that nothing holds', ['```sh', 'ls', '```', 'Text.']],
  ['a comment without anything to see', step('ls', 'opens: yes')],
  ['a line that is not understood', step('ls', 'say: yes')],
  ['a range that is none', step('ls', 'figure: n = /(.)/ about 5')],
  ['an "otherwise" of nothing', step('ls', 'otherwise: yes')],
])('%s makes a page that cannot be followed', (_, lines) => {
  expect(() => chapterOf(page(...lines))).toThrow(ChapterError);
});

test('a chapter in another place names that one, in commands and in texts', () => {
  const chapter = chapterOf(page(...step('ls .local/here', 'says: localhost:8081')));
  const { steps } = placed(chapter, { port: 9, data: '/tmp/there' });
  expect(steps).toMatchObject([
    { command: 'ls /tmp/there', checks: [{ statement: { text: 'localhost:9' } }] },
  ]);
});

describe('the guide', () => {
  const root = join(__dirname, '../..');
  const folder = join(root, 'docs/guide');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  /** The program of a script, with the options that all commands of a shop share. */
  const sourceOf = (script: string) =>
    ['operate/shop-command.ts', /(bin\/(?!node-floor)\S+)/.exec(scripts[script] ?? '')?.[1] ?? '']
      .map((path) => readFileSync(join(root, path), 'utf8'))
      .join('\n');

  const chapters = readdirSync(folder)
    .filter((name) => /^\d-.*\.md$/.test(name))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

  const SHAPE = [
    'The situation and the question',
    'Load it',
    'What saturates',
    'Options weighed',
    'The change',
    'Break it',
    'The step',
    'What it costs',
    'Questions',
  ];

  test.each(chapters)('%s can be followed, and has the shape of all chapters', (_, text) => {
    expect(chapterOf(text).steps.length).toBeGreaterThan(4);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(
      expect.arrayContaining(SHAPE),
    );
  });

  test.each(chapters)('%s has commands that bash understands', (_, text) => {
    for (const { line, command } of chapterOf(text).steps) {
      const { status, stderr } = spawnSync('bash', ['-n', '-c', command], { encoding: 'utf8' });
      expect([line, status, stderr]).toEqual([line, 0, '']);
    }
  });

  test.each(chapters)('%s gives commands the options that they have', (_, text) => {
    const commands = chapterOf(text).steps.flatMap(({ command }) => command.split('\n'));
    const given = commands.flatMap((line) => {
      const [, script = '', options = ''] = /^npm (?:run )?([\w:-]+) -- ([^>|]*)/.exec(line) ?? [];
      return [...options.matchAll(/(?:^| )--([\w-]+)/g)].map(([, option = '']) => ({ script, option }));
    });
    expect(given.length).toBeGreaterThan(4);
    expect(given.filter(({ script, option }) => !sourceOf(script).includes(option))).toEqual([]);
  });

  test.each(chapters)('%s expects the bill that docs/plan.md quotes', (name, text) => {
    const [, fixed = ''] = /^says: Fixed: .* ([\d,.]+)$/m.exec(text) ?? [];
    const plan = readFileSync(join(folder, '../plan.md'), 'utf8');
    const row = plan
      .split('\n')
      .find((line) => new RegExp(`^\\| ${name[0]} [^|]+ \\| [^|]+ \\| [\\d.,]+ \\|`).test(line));
    expect(row?.split(' | ')[2]).toBe(fixed);
  });

  test.each(chapters)('%s keeps its answers below the fold', (_, text) => {
    const questions = text.split('## Questions')[1] ?? '';
    expect(questions.match(/<summary>/g)?.length).toBeGreaterThan(2);
    expect(questions.match(/<details>/g)).toHaveLength(questions.match(/<\/details>/g)?.length ?? 0);
  });
});

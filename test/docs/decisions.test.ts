import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const folder = join(root, 'docs/decisions');
const index = readFileSync(join(folder, 'README.md'), 'utf8');

const records = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .map((file) => ({ file, number: file.slice(0, 4), text: readFileSync(join(folder, file), 'utf8') }));
const numbers = new Set(records.map(({ number }) => number));

test('each record has a number of its own, a title, a status and a date', () => {
  expect(numbers.size).toBe(records.length);
  const formless = records.filter(({ number, text }) => {
    const [title = '', blank, status = ''] = text.split('\n');
    const accepted = /^Status: (accepted|replaced by decision \d{4}), \d{4}-\d\d-\d\d$/.test(status);
    return !title.startsWith(`# ${number}. `) || blank !== '' || !accepted;
  });
  expect(formless.map(({ file }) => file)).toEqual([]);
});

test('the index has each record by phase, and by subject with its title and status', () => {
  const [byPhase = '', bySubject = ''] = index.split('\n## By subject\n');
  const missing = records.filter(({ file, number, text }) => {
    const [title = '', , status = ''] = text.split('\n');
    const row = bySubject.split('\n').find((line) => line.startsWith(`| [${number}](${file}) |`)) ?? '';
    const complete =
      row.includes(`| ${title.slice('# 0000. '.length)} |`) &&
      row.endsWith(`| ${status.slice('Status: '.length)} |`);
    return !complete || !byPhase.includes(`[${number}](${file})`);
  });
  expect(missing.map(({ file }) => file)).toEqual([]);
});

test('a cited decision exists', () => {
  const citations = execFileSync(
    'git',
    ['grep', '-hoiE', 'decisions? [0-9]{4}', '--', ':!docs/decisions/README.md'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const cited = new Set(citations.match(/\d{4}/g));
  expect(cited.size).toBeGreaterThan(10);
  expect([...cited].filter((number) => !numbers.has(number))).toEqual([]);
});

test('documents cite a decision as "decision 0026"', () => {
  const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
  const OTHER_FORMS =
    /docs\/decisions\/\d{4}(?![-\d])|decisions? \d{1,3}\b|(?<!\])\(0\d{3}\)|\[\d{1,3}\]\([^)]*\d{4}-/gi;
  const others = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(OTHER_FORMS)].map(
      ([form]) => `${document}: ${form}`,
    ),
  );
  expect(others).toEqual([]);
});

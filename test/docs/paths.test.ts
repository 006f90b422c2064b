import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(__dirname, '../..');
const listed = (...pathspecs: string[]) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...pathspecs], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file && existsSync(join(root, file)));

const files = listed();
const documents = files.filter((file) => file.endsWith('.md'));
const exists = (path: string) => existsSync(join(root, path));
const known = new Set(files.flatMap((file) => [file, file.slice(file.lastIndexOf('/') + 1)]));

/** A folder at the top, or a file with an ending that this repository has: anything else in backticks is no path. */
const tops = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
const OWN_FILE = /^[\w.-]+\.(ts|js|mjs|sh|md|svg|html|css|conf|cnf)$/;

/** Parts of commands and of paths elsewhere, which only look like files of this repository. */
const ELSEWHERE = /[<>*…$:]|^\/|^~|^https?:|^@|^\.(local|native)\b/;

/** Written by a running box or shop, not tracked. */
const MADE_AT_RUN_TIME = new Set(['cdk.context.json']);

const inBackticks = (text: string) =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) =>
    code.split(/\s+/),
  );

function namedPaths(document: string, text: string): string[] {
  return inBackticks(text)
    .map((word) => word.replace(/[,;)]+$/, ''))
    .filter((word) => !ELSEWHERE.test(word) && !MADE_AT_RUN_TIME.has(word))
    .filter((word) => (word.includes('/') ? tops.has(word.split('/')[0] ?? '') : OWN_FILE.test(word)))
    .filter((word) => {
      const bare = word.replace(/#.*$/, '');
      return !exists(bare) && !exists(join(dirname(document), bare)) && !known.has(bare);
    });
}

const links = (text: string) =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to).filter((to) => !/^[a-z]+:/.test(to));

/** The anchor that GitHub gives to a heading. */
const anchors = (markdown: string) =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

test('the documents are found', () => {
  expect(documents).toEqual(
    expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/deploy.md', 'lambda/README.md']),
  );
});

test.each(documents)('%s names paths that exist', (document) => {
  expect(namedPaths(document, readFileSync(join(root, document), 'utf8'))).toEqual([]);
});

test.each(documents)('%s links files and headings that exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const broken = links(text).filter((to) => {
    const [path = '', anchor] = to.split('#');
    const target = path ? normalize(join(dirname(document), path)) : document;
    if (!exists(target)) return true;
    return anchor !== undefined && !anchors(readFileSync(join(root, target), 'utf8')).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('`npm run` in a document names a script', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const run = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => ({
      document,
      script,
    })),
  );
  expect(run.length).toBeGreaterThan(10);
  expect(run.filter(({ script }) => !(script in scripts))).toEqual([]);
});

describe('the services have the same shape', () => {
  const SERVICES = ['users', 'inventory'];
  const below = (folder: string) =>
    files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  const parts = SERVICES.flatMap((service) => [
    ...new Set(
      below(`lambda/${service}`)
        // The place of the rows of users is no part of the API.
        .filter((file) => file.includes('/') && !file.startsWith('sharding/'))
        .map((file) => `lambda/${service}/${file.split('/')[0]}`),
    ),
  ]);

  test.each(parts)('%s has routes, a service, a repository, schemas and errors', (part) => {
    expect(below(part)).toEqual(
      expect.arrayContaining(['routes.ts', 'service.ts', 'repository.ts', 'schemas.ts', 'errors.ts']),
    );
  });

  test.each(SERVICES)(
    'lambda/%s has an API, a handler, a service, migrations, schemas and errors',
    (service) => {
      expect(below(`lambda/${service}`)).toEqual(
        expect.arrayContaining([
          'api.ts',
          'handler.ts',
          'service.ts',
          'migrations.ts',
          'schemas.ts',
          'errors.ts',
        ]),
      );
    },
  );

  test('both services have parts', () => {
    for (const service of SERVICES)
      expect(parts.some((part) => part.startsWith(`lambda/${service}/`))).toBe(true);
  });
});

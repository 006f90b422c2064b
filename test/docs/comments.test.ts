import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginsWithQuestionWord, type Comment, scriptComments, shellComments } from './comments';

const root = join(__dirname, '../..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(join(root, file)));

const LARGEST_SHARE = 0.01;

const LANGUAGES: readonly [
  name: string,
  file: RegExp,
  comments: (source: string) => Comment[],
  least: number,
][] = [
  ['TypeScript', /\.ts$/, scriptComments, 2000],
  ['JavaScript', /\.m?js$/, scriptComments, 80],
  ['shell', /\.sh$|^\.ci\/run$/, shellComments, 40],
];

describe.each(LANGUAGES)('comments in %s', (_name, isOne, commentsOf, least) => {
  test('name their subject, where "what", "who", "whether" and the like name none', () => {
    const comments = files
      .filter((file) => isOne.test(file))
      .flatMap((file) =>
        commentsOf(readFileSync(join(root, file), 'utf8')).map((comment) => ({ file, comment })),
      );
    expect(comments.length).toBeGreaterThan(least);
    const offenders = comments
      .filter(({ comment }) => beginsWithQuestionWord(comment))
      .map(({ file, comment: { line, text } }) => `${file}:${line}: ${text.split('\n', 1)[0]}`);
    expect(offenders.length > comments.length * LARGEST_SHARE ? offenders : []).toEqual([]);
  });
});

const offendersIn = (comments: readonly Comment[]) =>
  comments.filter(beginsWithQuestionWord).map(({ line, text }) => `${line} ${text}`);

test('finds the comments of a script, and counts a run of lines once', () => {
  const source = [
    '// Whether it works.',
    '// And more.',
    'const one = 1; // what it counts',
    '// Where the next one begins.',
    '/** How many there are. */',
    '/**',
    ' * Adds.',
    ' * @param one The first.',
    ' * @returns whether it could',
    ' */',
    '/* Fine: what follows is not the beginning. */',
    '// biome-ignore lint/style/useConst: what it is for',
    'const half = (one) / 2; // Who',
  ].join('\n');
  expect(scriptComments(source)).toHaveLength(8);
  expect(offendersIn(scriptComments(source))).toEqual([
    '1 Whether it works.\nAnd more.',
    '3 what it counts',
    '4 Where the next one begins.',
    '5 How many there are.',
    '6 \nAdds.\n@param one The first.\n@returns whether it could',
    '12 biome-ignore lint/style/useConst: what it is for',
    '13 Who',
  ]);
});

test('takes nothing inside strings, templates and regular expressions for a comment of a script', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: code in a string
  const source = [
    "const text = 'it\\'s // what'; const other = \"/* what */\";",
    'const template = `// what ${call({ a: `/* what ${1} */`, b: "}" })} // what ${/[`/]/.test(`}`)}`;',
    'const path = /\\/\\/ what/.test(text) ? a / b / c : /[/*] what/;',
    'return /"/.test(text); // When it is found.',
  ].join('\n');
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
  expect(scriptComments(source)).toEqual([{ line: 4, text: 'When it is found.' }]);
});

test('finds the comments of a shell script outside quotes and here-documents', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell in a string
  const source = [
    '#!/bin/bash',
    '# What it does.',
    '# More of it.',
    'echo "# what" \'# what\' "${list[#]}" a#what \\# what  # whose turn it is',
    'cat <<"END"',
    '# what',
    'END',
    'count=${#list} # Counts.',
  ].join('\n');
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
  expect(shellComments(source).map(({ text }) => text)).toEqual([
    'What it does.\nMore of it.',
    'whose turn it is',
    'Counts.',
  ]);
  expect(offendersIn(shellComments(source))).toEqual(['2 What it does.\nMore of it.', '4 whose turn it is']);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chapter, chapterOf } from '../../guide/chapter';
import { follow, NotAsWrittenError, type Progress } from '../../guide/follow';
import { openShell, type Shell } from '../../guide/shell';

const folder = mkdtempSync(join(tmpdir(), 'guide-'));
let shell: Shell;
beforeEach(() => {
  shell = openShell(folder);
});
afterEach(() => shell.close());
afterAll(() => rmSync(folder, { recursive: true }));

function chapter(...steps: readonly (readonly [command: string, ...seen: string[]])[]): Chapter {
  const blocks = steps.flatMap(([command, ...seen]) => ['```sh', command, '```', '<!-- see', ...seen, '-->']);
  return chapterOf(['# T', '<!-- place: port 1, data d -->', '## S', ...blocks].join('\n'));
}

/** The lines that a reader gets. */
async function followed(
  page: Chapter,
  options: Partial<Parameters<typeof follow>[1]> = {},
): Promise<string[]> {
  const lines: string[] = [];
  await follow(page, { shell, say: (line) => lines.push(line), ...options });
  return lines;
}

test('facts hold exactly, figures within their range, and ratios across steps', async () => {
  const lines = await followed(
    chapter(
      ['echo "3 ms"', 'says: 3 ms', 'says not: error', 'figure: slow = /(\\d+) ms/ from 1 to 10'],
      [
        'echo "1 ms"; exit 3',
        'exit: 3',
        'figure: quick = /(\\d+) ms/ from 1 to 10',
        'ratio: slow / quick from 2 to 4',
      ],
    ),
  );
  expect(lines).toContain('    as written: slow is 3 times quick');
});

test.each([
  [['echo no', 'says: yes', 'otherwise: You typed no.'], 'contain "yes".\nYou typed no.'],
  [['echo yes', 'says not: yes'], 'not to contain "yes"'],
  [['exit 4', 'exit: 3'], 'the exit code 3, not 4'],
  [['echo 7', 'figure: n = /(\\d)/ from 1 to 6'], 'n from 1 to 6, not 7'],
  [['echo x', 'figure: n = /(\\d)/ from 1 to 6'], 'expected n in the output'],
  [['echo 7', 'figure: n = /(\\d)/ from 1 to 9', 'ratio: n / m from 1 to 2'], 'one of the two was not seen'],
  [['echo yes; false', 'says: yes'], 'it ended with the exit code 1'],
  [['false | true; echo yes', 'says: yes'], 'contain "yes"'],
  [['echo yes', 'opens: no', 'says: yes'], 'it ended instead of saying "no"'],
] as const)('%j is not as written, and the reader is told why', async (step, reason) => {
  const following = followed(chapter(step));
  await expect(following).rejects.toThrow(NotAsWrittenError);
  await expect(following).rejects.toThrow(reason);
});

test('a program stays open for the steps after it, and ends with the chapter', async () => {
  await followed(
    chapter(
      ['echo $$ > pid; echo open; exec sleep 1000', 'opens: open', 'says: open'],
      ['kill -0 "$(cat pid)" && echo there', 'says: there'],
    ),
  );
  await shell.close();
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('who stopped goes on at the last program that was opened, with the figures from before', async () => {
  const page = chapter(
    ['echo 8', 'figure: before = /(\\d)/ from 1 to 9'],
    ['echo open; exec sleep 1000', 'opens: open', 'says: open'],
    ['test -e ready && echo 4', 'figure: after = /(\\d)/ from 1 to 9', 'ratio: before / after from 2 to 2'],
  );
  let progress: Progress | undefined;
  const keep = (one: Progress) => {
    progress = one;
  };
  await expect(followed(page, { keep })).rejects.toThrow(NotAsWrittenError);
  await shell.run('touch ready');
  const lines = await followed(page, { keep, from: progress });
  expect(lines).not.toContain('  $ echo 8');
  expect(lines).toContain('  $ echo open; exec sleep 1000');
  expect(progress).toMatchObject({ done: 3, figures: { before: 8, after: 4 } });
});

test('a prediction is asked for before the step and judged after it, by its order of magnitude', async () => {
  const page = chapter(['echo 1000', 'asks: rate = How many?', 'figure: rate = /(\\d+)/ from 1 to 2000']);
  const guessed = async (number: number) => (await followed(page, { ask: async () => number })).join('\n');
  expect(await guessed(600)).toContain('You predicted 600, and it is 1000: a good guess.');
  expect(await guessed(50)).toContain('off by a factor of 20');
});

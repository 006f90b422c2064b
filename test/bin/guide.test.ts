import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from '../../local/compiled';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'guide-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

const page = join(folder, 'page.md');
const data = join(folder, 'data');
writeFileSync(
  page,
  `# A chapter
<!-- place: port 8081, data .local/page -->
## One
\`\`\`sh
mkdir -p .local/page && echo first
\`\`\`
<!-- see
says: first
-->
\`\`\`sh
echo open && exec sleep 1000
\`\`\`
<!-- see
opens: open
says: open
-->
\`\`\`sh
test -e ${folder}/ready && echo ready
\`\`\`
<!-- see
says: ready
otherwise: You are not ready.
-->
`,
);

function guide(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...compiled('bin/guide.ts'), '--quick', ...args],
    { cwd: root, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

test('a chapter stops at what is not as written, goes on there, and is gone in the end', () => {
  const stopped = guide('--page', page, '--data', data);
  expect(stopped).toMatchObject({ status: 1, stderr: expect.stringContaining('You are not ready.') });
  expect(stopped.stderr).not.toContain('at follow');
  expect(existsSync(data)).toBe(true);

  writeFileSync(join(folder, 'ready'), '');
  const followed = guide('--page', page, '--data', data);
  expect(followed).toMatchObject({ status: 0, stdout: expect.stringContaining('All of it is as written.') });
  expect(followed.stdout).not.toContain('echo first');
  for (const made of [data, `${data}.progress.json`]) expect(existsSync(made)).toBe(false);
});

test('a folder that was there before the chapter is not deleted', () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  expect(guide('--page', page, '--data', own, '--again')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is there already'),
  });
  expect(existsSync(own)).toBe(true);
});

test('a chapter that there is not is answered with those that there are', () => {
  expect(guide('9')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^There is no chapter "9"; expected one of 1, 2, 3, 4, 5, 6\./),
  });
});

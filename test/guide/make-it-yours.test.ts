import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chapterOf, placed } from '../../guide/chapter';
import { follow } from '../../guide/follow';
import { openShell } from '../../guide/shell';
import { freePort } from '../../local/servers/free-port';

const root = join(__dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'yours-'));
const shell = openShell(copy);
afterAll(async () => {
  await shell.close();
  rmSync(copy, { recursive: true });
});

/** The page changes sources, so it is followed in a copy of what a synthesis needs. */
beforeAll(() => {
  const needed = [
    'lib',
    'lambda',
    'bin',
    'review',
    'storefront',
    'cdk.json',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ];
  const tracked = execFileSync('git', ['ls-files', '-z', '--', ...needed], { cwd: root, encoding: 'utf8' });
  for (const file of tracked.split('\0').filter((name) => name && existsSync(join(root, name))))
    cpSync(join(root, file), join(copy, file));
  for (const made of ['node_modules', '.native']) symlinkSync(join(root, made), join(copy, made));
});

test('a service of ten lines climbs the ladder: the page as it is written', async () => {
  const page = chapterOf(readFileSync(join(root, 'docs/make-it-yours.md'), 'utf8'));
  const lines: string[] = [];
  const place = { port: await freePort(), data: join('.local', 'yours') };
  await follow(placed(page, place), { shell, say: (line) => lines.push(line) });
  expect(lines).toContain('    as written: "{"hello":"world","role":"read"}"');
}, 600_000);

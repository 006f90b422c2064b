import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { ChapterError, chapterOf, placed } from '../guide/chapter';
import { AT_FIRST, follow, NotAsWrittenError, type Progress } from '../guide/follow';
import { openShell } from '../guide/shell';
import { ROOT } from '../lib/root';
import { dataDirPaths } from '../local/data-dir';
import { stopStale } from '../local/servers/pidfile';

const USAGE = `npm run guide -- 1     follows a chapter of docs/guide, and says whether it is as written
  --quick             asks for no predictions (CI)
  --again             from the beginning, not from where it was stopped
  --port <number>     in place of the chapter's own
  --data <folder>     in place of the chapter's own; it is deleted in the end
  --page <file>       follows another page`;

const pages = join(ROOT, 'docs', 'guide');

class UsageError extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parsed();
  if (values.help) return console.log(USAGE);
  const page = resolve(values.page ?? pageOf(positionals[0]));
  const own = chapterOf(readFileSync(page, 'utf8'));
  const place = {
    port: values.port === undefined ? own.place.port : portOf(values.port),
    data: values.data === undefined ? own.place.data : resolve(values.data),
  };
  const chapter = placed(own, place);
  const folder = resolve(ROOT, place.data);
  const kept = `${folder}.progress.json`;
  if (existsSync(folder) && !existsSync(kept))
    throw new UsageError(
      `${place.data} is there already, and the chapter would delete it in the end. Move it away, or name another: --data`,
    );
  if (values.again) remove(folder, kept);
  const keep = (progress: Progress) => {
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, JSON.stringify(progress));
  };
  if (!existsSync(kept)) keep(AT_FIRST);
  const shell = openShell(ROOT);
  const stop = () => void shell.close().then(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  console.log(chapter.title);
  try {
    await follow(chapter, {
      ...{ shell, say: console.log, from: JSON.parse(readFileSync(kept, 'utf8')) as Progress },
      ...(!values.quick && process.stdin.isTTY && { ask }),
      keep,
    });
  } finally {
    await shell.close();
    // A chapter kills its shop, whose servers live on.
    await stopStale(dataDirPaths(folder).record);
  }
  remove(folder, kept);
  console.log('\nAll of it is as written. What it made is gone again.');
}

function parsed() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: { port: text, data: text, page: text, quick: flag, again: flag, help: flag },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function pageOf(number = ''): string {
  const names = existsSync(pages) ? readdirSync(pages).filter((name) => /^\d-/.test(name)) : [];
  const name = names.find((each) => each.startsWith(`${number}-`));
  if (name) return join(pages, name);
  const known = names.map((each) => each[0]).join(', ');
  throw new UsageError(`There is no chapter "${number}"; expected one of ${known}.\n\n${USAGE}`);
}

function portOf(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port > 0 && port < 65_536) return port;
  throw new UsageError(`--port must be a number from 1 to 65535, not "${value}".`);
}

function remove(...paths: string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}

async function ask(question: string): Promise<number | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question(`  ${question} `);
  lines.close();
  const number = Number(answer.replaceAll(',', ''));
  return answer.trim() !== '' && Number.isFinite(number) ? number : undefined;
}

main().catch((error: Error) => {
  const expected = [UsageError, ChapterError, NotAsWrittenError].some((kind) => error instanceof kind);
  console.error(expected ? error.message : error.stack);
  process.exitCode = 1;
});

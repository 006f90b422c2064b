import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../lib/phases';
import { userImpact } from '../../review/user-impact';
import { everyPhase, synthesized } from '../phases/synthesized';

const docs = join(__dirname, '../../docs');
const sections = readFileSync(join(docs, 'phases.md'), 'utf8').split(/^## /m).slice(1);
const sectionOf = (number: number) => sections.find((each) => each.startsWith(`${number}. `)) ?? '';

/** Without its line breaks: prose is wrapped. */
const flowing = (text: string) => text.replace(/\s+/g, ' ');

describe.each(phases)('docs/phases.md on phase $number', ({ number, title, bottleneck }) => {
  const section = sectionOf(number);

  test('has the title, picture and bottleneck of lib/phases.ts', () => {
    expect(section).toMatch(`${number}. ${title}\n`);
    expect(section).toContain(`](pictures/phase-${number}.svg)`);
    expect(flowing(section)).toContain(`**The bottleneck that leads here:** ${bottleneck}.`);
  });

  test('has each derived sentence about the effect of the step on shoppers, with its duration', () => {
    const variants = everyPhase.filter((phase) => phase.number === number && number > 1);
    const noticed = variants.flatMap(({ options }) =>
      userImpact(synthesized(number - 1, options).templates, synthesized(number, options).templates),
    );
    const missing = noticed.filter(
      ({ sentence, lasts }) => !flowing(section).includes(`${lasts}: ${sentence}`),
    );
    expect(missing.map(({ lasts, sentence }) => `${lasts}: ${sentence}`)).toEqual([]);
  });

  test('links the section of docs/deploy.md about its cost', () => {
    const [, anchor = ''] = /\(deploy\.md#([\w-]+)\)/.exec(section) ?? [];
    const headings = readFileSync(join(docs, 'deploy.md'), 'utf8').match(/^## .*$/gm) ?? [];
    const anchors = headings.map((heading) =>
      heading
        .slice(3)
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(anchors).toContain(anchor);
  });
});

test('the first screen of README.md says for each phase its users, what it costs at least, and how long its deploy takes', () => {
  const screen = readFileSync(join(docs, '../README.md'), 'utf8').split('\n').slice(0, 30);
  const row = (name: string) =>
    screen
      .find((line) => line.startsWith(`| ${name} |`))
      ?.split(/ ?\| ?/)
      .slice(2, -1);
  expect(row('users')).toEqual(phases.map(({ users }) => users));
  expect(row('from USD a month')).toEqual(
    phases.map(({ monthlyCost }) => monthlyCost.toLocaleString('en-US')),
  );
  expect(row('its deploy takes')).toEqual(phases.map(() => expect.stringMatching(/\d (min|h)/)));
});

test('the picture of the ladder has every phase, and plans none', () => {
  const picture = readFileSync(join(docs, 'ladder.svg'), 'utf8');
  const titles = [...picture.matchAll(/font-weight="600" fill="#ffffff">([^<]+)</g)].map(
    ([, title]) => title,
  );
  expect(titles).toEqual(phases.map(({ title }) => title));
  expect(picture).not.toMatch(/planned|dasharray/);
});

test('the table of the ladder in README.md has every phase and its users', () => {
  const ladder = readFileSync(join(docs, '../README.md'), 'utf8').split('## The ladder')[1] ?? '';
  const rows = [...ladder.matchAll(/^\| (\d) ([^|]+) \| ([^|]+) \|/gm)].map((row) => row.slice(1));
  expect(rows).toEqual(phases.map(({ number, title, users }) => [`${number}`, title, users]));
});

test('docs/deploy.md begins phase 3 with a list to tick off', () => {
  const deploy = readFileSync(join(docs, 'deploy.md'), 'utf8');
  const [, before = ''] = /^## Phase 3:.*\n([\s\S]*?)```/m.exec(deploy) ?? [];
  expect(before.match(/^- \[ \] /gm)?.length).toBeGreaterThan(8);
});

test('shows pictures that exist', () => {
  const shown = sections.flatMap((section) => section.match(/pictures\/[\w.-]+/g) ?? []);
  expect(shown.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../lib/phases';
import { notices } from '../../lib/review/impact';
import { everyPhase, synthesized } from '../phases/synthesized';

const docs = join(__dirname, '../../docs');
const sections = readFileSync(join(docs, 'phases.md'), 'utf8').split(/^## /m).slice(1);
const sectionOf = (number: number) => sections.find((each) => each.startsWith(`${number}. `)) ?? '';

describe.each(phases)('what docs/phases.md says of phase $number', ({ number, title, bottleneck }) => {
  const section = sectionOf(number);

  test('has its title, its picture and the bottleneck in the words of lib/phases.ts', () => {
    expect(section).toMatch(`${number}. ${title}\n`);
    expect(section).toContain(`](pictures/phase-${number}.svg)`);
    expect(section).toContain(`**The bottleneck that leads here:** ${bottleneck}.`);
  });

  test('has every sentence about what a shopper notices of the step, and lasts as long', () => {
    const variants = everyPhase.filter((phase) => phase.number === number && number > 1);
    const noticed = variants.flatMap(({ options }) =>
      notices(synthesized(number - 1, options).templates, synthesized(number, options).templates),
    );
    const missing = noticed.filter(
      ({ sentence, lasts }) => !section.split('\n').some((line) => line.includes(`${lasts}: ${sentence}`)),
    );
    expect(missing.map(({ lasts, sentence }) => `${lasts}: ${sentence}`)).toEqual([]);
  });

  test('leads to what it costs', () => {
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

test('shows pictures that exist', () => {
  const shown = sections.flatMap((section) => section.match(/pictures\/[\w.-]+/g) ?? []);
  expect(shown.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { MAX_PHOTO_BYTES, MAX_PIXELS, MAX_SIDE } from '../../../lambda/inventory/photos/limits';
import { solidPng } from '../../support/png';

/** The most growth of a process, in MB, for any upload: 280 were measured, and machines differ a little. */
const MOST_GROWTH = 350;
/** The most growth, in MB, that reading headers may cause. */
const MOST_GROWTH_TO_REFUSE = 40;

const folder = mkdtempSync(join(tmpdir(), 'shop-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Files = Readonly<Record<string, Buffer>>;

/** Renders files in a separate process. Returns the outcome of each, and the growth of the process in MB. */
function rendered(files: Files): { name: string; outcome: string; growth: number }[] {
  const paths = Object.entries(files).map(([name, bytes]) => {
    expect([name, bytes.length <= MAX_PHOTO_BYTES]).toEqual([name, true]);
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
  const program = `
    const { readFileSync, writeFileSync } = require('node:fs');
    const { basename } = require('node:path');
    const { render } = require('./lambda/thumbnails/render');
    const megabytes = (name) => Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
    (async () => {
      const [small, ...files] = process.argv.slice(1);
      await render(readFileSync(small));
      const before = megabytes('VmRSS');
      for (const file of files) {
        writeFileSync('/proc/self/clear_refs', '5');
        const outcome = await render(readFileSync(file)).then(() => 'rendered', ({ name }) => name);
        console.log(JSON.stringify({ name: basename(file), outcome, growth: Math.round(megabytes('VmHWM') - before) }));
      }
    })();`;
  const small = join(folder, 'small.png');
  writeFileSync(small, solidPng(64, 64));
  const output = execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', program, small, ...paths], {
    cwd: join(__dirname, '../../..'),
  });
  const lines = output.toString().trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** The largest pictures there may be, in three shapes. */
const SQUARE = Math.floor(Math.sqrt(MAX_PIXELS));
const SHORT = 2 * Math.floor(MAX_PIXELS / MAX_SIDE / 2);

const plain = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({
    create: { width, height: Math.floor(height), channels, background: '#20a0c0' },
    limitInputPixels: false,
  });
const PROGRESSIVE = { quality: 40, progressive: true, chromaSubsampling: '4:4:4' };

// The kernel keeps the peak of a process there, and forgets it when asked to.
(process.platform === 'linux' ? describe : describe.skip)('the memory that a picture takes', () => {
  it(`is below ${MOST_GROWTH} MB at the limits, in every shape and format`, async () => {
    const outcomes = rendered({
      'wide.png': solidPng(MAX_SIDE, SHORT),
      'wide-16-interlaced.png': solidPng(MAX_SIDE, SHORT / 2, { depth: 16, interlaced: true }),
      'tall-interlaced.png': solidPng(SHORT, MAX_SIDE, { interlaced: true }),
      'wide-progressive.jpg': await plain(MAX_SIDE, (SHORT * 2) / 3)
        .jpeg(PROGRESSIVE)
        .toBuffer(),
      'square-cmyk-progressive.jpg': await plain(SQUARE, SQUARE / 2)
        .toColourspace('cmyk')
        .jpeg(PROGRESSIVE)
        .toBuffer(),
      'square-lossless.webp': await plain(SQUARE, SQUARE, 4).webp({ lossless: true, effort: 0 }).toBuffer(),
      'animated.webp': await animation(2000, 4),
    });
    for (const outcome of outcomes) expect(outcome).toMatchObject({ outcome: 'rendered' });
    expect(outcomes.filter(({ growth }) => growth > MOST_GROWTH)).toEqual([]);
  }, 180_000);

  it(`is below ${MOST_GROWTH_TO_REFUSE} MB beyond the limits: nothing of those is decoded`, async () => {
    const outcomes = rendered({
      'wide.png': solidPng(10_000_000, 4),
      'wide-interlaced.png': solidPng(10_000_000, 4, { depth: 1, colour: 0, interlaced: true }),
      'tall.png': solidPng(4, 10_000_000, { colour: 0 }),
      'wide.jpg': await plain(65_500, 600).jpeg({ progressive: true }).toBuffer(),
      'large.png': solidPng(MAX_SIDE, MAX_SIDE, { depth: 1, colour: 0 }),
      'deep.png': solidPng(SQUARE, SQUARE / 2 + 2, { depth: 16, interlaced: true }),
      'progressive.jpg': await plain(SQUARE, SQUARE).jpeg(PROGRESSIVE).toBuffer(),
    });
    for (const outcome of outcomes) expect(outcome).toMatchObject({ outcome: 'TooManyPixelsError' });
    expect(outcomes.filter(({ growth }) => growth > MOST_GROWTH_TO_REFUSE)).toEqual([]);
  }, 180_000);
});

/** Of a square that changes its colour. */
async function animation(side: number, frames: number): Promise<Buffer> {
  const pages = Buffer.alloc(side * side * frames * 3);
  for (let frame = 0; frame < frames; frame++)
    pages.fill(frame * 30, frame * side * side * 3, (frame + 1) * side * side * 3);
  const raw = { width: side, height: side * frames, channels: 3, pageHeight: side } as const;
  const moving = await sharp(pages, { raw, limitInputPixels: false }).webp({ effort: 0, loop: 1 }).toBuffer();
  expect(await sharp(moving, { limitInputPixels: false }).metadata()).toMatchObject({ pages: frames });
  return moving;
}

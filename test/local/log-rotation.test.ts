import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLog } from '../../lambda/shared/runtime/log';
import { openLogFile, rotateLogs } from '../../local/log-rotation';
import { describeWithSmallDisk, type SmallDisk } from '../support/small-disk';
import { eventually } from '../support/until';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MOST_BYTES = 10_000;
const write = (path: string, bytes = 2 * MOST_BYTES) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), 'x'.repeat(bytes));
};
const bytesIn = (path: string) => statSync(join(folder, path)).size;

it('keeps a log that is written to bounded, and goes on at its beginning', async () => {
  const file = join(folder, 'shop.log');
  const log = createLog(openLogFile(file));
  const text = () => readFileSync(file, 'utf8');
  for (const number of [1, 2, 3]) {
    for (let line = 0; line < 200; line++) log.info({ number, line });
    const last = `"number":${number},"line":199}\n`;
    await eventually(async () => expect(text().endsWith(last)).toBe(true));
    // A file that was emptied under a writer that does not append would begin with as many zero bytes.
    expect(text()).toMatch(new RegExp(`^\\{.+"number":${number},"line":0\\}`));
    rotateLogs(folder, MOST_BYTES);
    expect([text(), readFileSync(`${file}.1`, 'utf8').endsWith(last)]).toEqual(['', true]);
  }
});

it('begins a log anew at each start', () => {
  write('shop.log');
  openLogFile(join(folder, 'shop.log'));
  expect(bytesIn('shop.log')).toBe(0);
});

it.each([
  'shop.log',
  'servers/app.log',
  'servers/nginx.log',
  'servers/aurora/slow.log',
  'servers/web/var/log/nginx/access.log',
])('rotates %s when it has grown too large, and keeps one older part', (path) => {
  write(path);
  rotateLogs(folder, MOST_BYTES);
  expect([bytesIn(path), bytesIn(`${path}.1`)]).toEqual([0, 2 * MOST_BYTES]);
  write(path, MOST_BYTES);
  rotateLogs(folder, MOST_BYTES);
  expect([bytesIn(path), bytesIn(`${path}.1`)]).toEqual([MOST_BYTES, 2 * MOST_BYTES]);
});

it.each(['servers/aurora/data/ddl_recovery.log', 'servers/media/files/photo.log', 'mine.log'])(
  'leaves %s alone, which is no log of the shop',
  (path) => {
    write(path);
    rotateLogs(folder, MOST_BYTES);
    expect(bytesIn(path)).toBe(2 * MOST_BYTES);
  },
);

describeWithSmallDisk('on a disk that is full', (mount) => {
  let disk: SmallDisk;
  beforeEach(() => {
    disk = mount();
  });
  afterEach(() => disk.remove());

  it('gives up the older part, so that there is room again', () => {
    const file = join(disk.folder, 'shop.log');
    writeFileSync(file, 'x'.repeat(5_000_000));
    disk.fill();
    rotateLogs(disk.folder, MOST_BYTES);
    expect([statSync(file).size, existsSync(`${file}.1`)]).toEqual([0, false]);
  });
});

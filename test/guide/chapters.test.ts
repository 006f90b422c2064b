import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Chapter, chapterOf, placed } from '../../guide/chapter';
import { follow } from '../../guide/follow';
import { openShell } from '../../guide/shell';
import { freePort } from '../../local/servers/free-port';
import { describeWith } from '../host/support';
import { folder, ROOT, removeFolders, startShop } from '../local/shop-process';

const shell = openShell(ROOT);
afterEach(() => shell.close());
afterAll(removeFolders);

/** A chapter, with a mistake in it or around it; the loads are left out, since they hold nothing here. */
async function follows(
  number: string,
  edit: (page: string) => string,
  place: { port: number; data: string },
) {
  const page = edit(readFileSync(join(ROOT, 'docs/guide', number), 'utf8'));
  const { steps, ...chapter }: Chapter = placed(chapterOf(page), place);
  const quick = steps.filter(({ section }) => section !== 'Load it');
  await follow({ ...chapter, steps: quick }, { shell, say: () => undefined });
}

const asItIs = (page: string) => page;

describe('chapter 1', () => {
  const page = '1-single-box.md';

  test('names another program that has the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const following = follows(page, asItIs, { port, data: join(folder(), 'data') });
    await expect(following).rejects.toThrow(/Is another program using the port\?.*Port \d+ is in use/s);
    other.close();
  });

  test('names a shop that was there before', async () => {
    const data = join(folder(), 'data');
    await (await startShop(data)).stop();
    const following = follows(page, asItIs, { port: await freePort(), data });
    await expect(following).rejects.toThrow('This shop was there before');
  });

  test('names a fault that was not staged', async () => {
    const harmless = (text: string) => text.replace('kill -9', 'kill -0');
    const following = follows(page, harmless, { port: await freePort(), data: join(folder(), 'data') });
    await expect(following).rejects.toThrow('the process that was killed is not the one that serves');
  });
});

describeWith('mariadbd')('chapter 2', () => {
  const page = '2-users.md';
  const place = async () => ({ port: await freePort(), data: join(folder(), 'data') });

  test('names a shop without servers', async () => {
    const embedded = (text: string) => text.replace('--phase 1 --servers', '--phase 1');
    await expect(follows(page, embedded, await place())).rejects.toThrow('was it opened with --servers?');
  });

  test('names a shop that is still in phase 1', async () => {
    const same = (text: string) => text.replace('--phase 2 --servers', '--phase 1 --servers');
    await expect(follows(page, same, await place())).rejects.toThrow('opened with --phase 2 --servers?');
  });

  test('names data that was compared and not moved', async () => {
    const compared = (text: string) =>
      text.replace('--data .local/guide-2 > ', '--data .local/guide-2 --check > ');
    await expect(follows(page, compared, await place())).rejects.toThrow('The data was not moved.');
  });
});

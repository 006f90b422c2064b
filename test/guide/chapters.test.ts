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
import { serversOf } from '../local/phase-servers';
import { folder, opened, ROOT, removeFolders, served, startShop } from '../local/shop-process';

const shell = openShell(ROOT);
afterEach(() => shell.close());
afterAll(removeFolders);

/** A chapter, with a mistake in it or around it. Sections that do not matter to the mistake are left out. */
async function follows(
  number: string,
  edit: (page: string) => string,
  place: { port: number; data: string },
  leftOut: readonly string[] = ['Load it'],
) {
  const page = edit(readFileSync(join(ROOT, 'docs/guide', number), 'utf8'));
  const { steps, ...chapter }: Chapter = placed(chapterOf(page), place);
  const quick = steps.filter(({ section }) => !leftOut.includes(section));
  await follow({ ...chapter, steps: quick }, { shell, say: () => undefined });
}

const asItIs = (page: string) => page;
const anywhere = async () => ({ port: await freePort(), data: join(folder(), 'data') });

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
    const following = follows(page, harmless, await anywhere());
    await expect(following).rejects.toThrow('the process that was killed is not the one that serves');
  });
});

describeWith('mariadbd')('chapter 2', () => {
  const page = '2-users.md';

  test('names a shop without servers', async () => {
    const embedded = (text: string) => text.replace('--phase 1 --servers', '--phase 1');
    await expect(follows(page, embedded, await anywhere())).rejects.toThrow('was it opened with --servers?');
  });

  test('names a shop that is still in phase 1', async () => {
    const same = (text: string) => text.replace('--phase 2 --servers', '--phase 1 --servers');
    await expect(follows(page, same, await anywhere())).rejects.toThrow('opened with --phase 2 --servers?');
  });

  test('names data that was compared and not moved', async () => {
    const compared = (text: string) =>
      text.replace('--data .local/guide-2 > ', '--data .local/guide-2 --check > ');
    await expect(follows(page, compared, await anywhere())).rejects.toThrow('The data was not moved.');
  });
});

describeWith('mariadbd', 'nginx')('chapter 3', () => {
  const page = '3-more-users.md';

  test('names a shop without servers', async () => {
    const embedded = (text: string) => text.replace('--phase 2 --servers', '--phase 2');
    await expect(follows(page, embedded, await anywhere())).rejects.toThrow('was it opened with --servers?');
  });

  test('names data that was compared and not moved', async () => {
    const compared = (text: string) =>
      text.replace('npm run move -- --local', 'npm run move -- --check --local');
    await expect(follows(page, compared, await anywhere())).rejects.toThrow('The data was not moved.');
  });

  test('names a writer that was not killed', async () => {
    const harmless = (text: string) =>
      text.replace('kill -9 "$(pid /aurora/data)"', 'kill -0 "$(pid /aurora/data)"');
    const following = follows(page, harmless, await anywhere(), ['Load it', 'What it relieved']);
    await expect(following).rejects.toThrow('the server that was killed is not the one that writes');
  });
});

const describeWithCache = serversOf(4) ? describe : describe.skip;

describeWithCache('chapter 4', () => {
  const page = '4-many-reads.md';

  test('names a shop that was there before', async () => {
    const place = await anywhere();
    await (await opened(served(place.data, 3))).stop();
    await expect(follows(page, asItIs, place)).rejects.toThrow('This shop was there before');
  });

  test('names a shop without a cache', async () => {
    const same = (text: string) => text.replace('--phase 4 --servers', '--phase 3 --servers');
    await expect(follows(page, same, await anywhere())).rejects.toThrow('opened with --phase 4 --servers?');
  });

  test('names a cache that was not killed', async () => {
    const harmless = (text: string) => text.replace('kill -9 "$killed"', 'kill -0 "$killed"');
    const following = follows(page, harmless, await anywhere(), ['What it relieved']);
    await expect(following).rejects.toThrow('The cache still runs: nothing was broken.');
  });
});

describeWithCache('chapter 5', () => {
  const page = '5-spikes.md';

  test('names groups of a fixed size', async () => {
    const fixed = (text: string) => text.replace('--phase 5 --servers', '--phase 4 --servers');
    await expect(follows(page, fixed, await anywhere(), [])).rejects.toThrow(
      'opened with --phase 5 --servers?',
    );
  });

  test('names a spike that is none', async () => {
    const calm = (text: string) =>
      text.replace('--rate 1000 --connections 32 --seconds 60', '--rate 2 --seconds 8');
    await expect(follows(page, calm, await anywhere(), [])).rejects.toThrow('The group did not grow.');
  });

  test('names a load that the groups bear', async () => {
    const bearable = (text: string) => text.replace('--rate 6000', '--rate 20');
    const following = follows(page, bearable, await anywhere(), ['What it relieved']);
    await expect(following).rejects.toThrow('It kept up.');
  });
});

describeWithCache('chapter 6', () => {
  const page = '6-services.md';

  test('names a shop with one service', async () => {
    const one = (text: string) => text.replace('--phase 6 --servers', '--phase 5 --servers');
    await expect(follows(page, one, await anywhere())).rejects.toThrow('opened with --phase 6 --servers?');
  });

  test('names users that were compared and not moved', async () => {
    const compared = (text: string) => text.replace('federate -- run', 'federate -- check');
    await expect(follows(page, compared, await anywhere())).rejects.toThrow('The users did not move.');
  });

  test('names a service that was not frozen', async () => {
    const harmless = (text: string) => text.replace('kill -STOP', 'kill -0');
    const following = follows(page, harmless, await anywhere(), ['Load it', 'The step', 'What it relieved']);
    await expect(following).rejects.toThrow('which processes were frozen?');
  });
});

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { solidPng } from '../support/png';
import { describeInBrowser, eventually, settled, stage } from './browser';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** A landscape file whose EXIF says that it was held upright: seen, it is 900 × 1200, red above and blue below. */
async function uprightPhoto(): Promise<Buffer> {
  const half = (background: string) => ({
    create: { width: 600, height: 900, channels: 3, background } as const,
  });
  // Orientation 6: the left of the file is the top of the picture.
  return sharp(half('#b02020'))
    .extend({ right: 600, background: '#2030b0' })
    .jpeg({ quality: 90 })
    .withMetadata({ orientation: 6 })
    .toBuffer();
}

const noise = (width: number) =>
  sharp({
    create: {
      width,
      height: width,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .jpeg()
    .toBuffer();

const jpeg = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/jpeg', buffer });

describeInBrowser('photos', () => {
  const { visitor } = stage();

  /** A staff member on the page of a product of the seed that no other test of this file uses. */
  async function staffOn(product: string) {
    const person = await visitor();
    const { page, logIn } = person;
    await logIn('staff');
    await page.getByRole('link', { name: 'Stock' }).click();
    // The front page, which is still there for a moment, has links of the same names.
    await page.locator('.stocklist').getByRole('link', { name: product }).click();
    await page.getByLabel('Upload photos').waitFor({ state: 'attached' });
    return { ...person, choose: (...files: Files) => page.getByLabel('Upload photos').setInputFiles(files) };
  }
  type Files = { name: string; mimeType: string; buffer: Buffer }[];
  const tile = (page: Page, name: string) => page.locator('.photo').filter({ hasText: name });
  const ready = (page: Page, name: string) => tile(page, name).locator('img').waitFor();
  const said = (page: Page) => page.locator('.photos-box [role=status]').innerText();

  it('appear without a reload, upright and in the right size, and shoppers see the newest', async () => {
    const { page, choose } = await staffOn('Enamel kettle');
    await choose(jpeg('first.jpg', await noise(700)), jpeg('upright.jpg', await uprightPhoto()));
    await ready(page, 'first.jpg');
    await ready(page, 'upright.jpg');
    expect(await page.locator('.photo-name').allInnerTexts()).toEqual(['upright.jpg', 'first.jpg']);
    await tile(page, 'upright.jpg').getByText('Main photo').waitFor();

    await eventually(async () => {
      await page.goto(new URL('/?q=kettle', page.url()).href);
      await settled(page);
      return (await page.locator('.card img').first().getAttribute('src'))?.endsWith('/640.webp');
    }, true);
    // A card is 255 pixels wide here, so the page needs no more than 320.
    await eventually(() => shown(page, '.card img'), '320.webp');
    await page.locator('.card a').first().click();
    await page.locator('.frame.large img').waitFor();
    await eventually(() => shown(page, '.frame.large img'), '640.webp');
    expect(await topAndBottom(page, '.frame.large img')).toEqual(['red', 'blue']);
  });

  it('are a gallery for shoppers, which begins with the one that staff chose', async () => {
    const { page, choose } = await staffOn('Cast iron pan');
    await choose(jpeg('one.jpg', await noise(400)), jpeg('two.jpg', await uprightPhoto()));
    await ready(page, 'one.jpg');
    await tile(page, 'two.jpg').getByText('Main photo').waitFor();
    await page.getByRole('button', { name: 'Make main one.jpg' }).click();
    await tile(page, 'one.jpg').getByText('Main photo').waitFor();
    expect(await said(page)).toContain('one.jpg is the main photo.');
    await page.getByRole('link', { name: 'View in shop' }).click();
    const thumbs = page.getByRole('group', { name: 'Photos' }).getByRole('button');
    await thumbs.first().waitFor();
    expect(await thumbs.count()).toBe(2);
    const large = page.locator('.frame.large img');
    const before = await large.getAttribute('src');
    await thumbs.nth(1).click();
    expect(await thumbs.nth(1).getAttribute('aria-pressed')).toBe('true');
    expect(await large.getAttribute('src')).not.toBe(before);
    await page.goBack();
    await page.getByRole('button', { name: 'Delete one.jpg' }).click();
    await tile(page, 'two.jpg').getByText('Main photo').waitFor();
  });

  it('are on the product page at once for staff, whose browser has a copy of before', async () => {
    const { page, choose } = await staffOn('Watering can');
    await page.getByRole('link', { name: 'View in shop' }).click();
    await page.locator('.frame.large img').waitFor();
    await page.goBack();
    await page.getByLabel('Upload photos').waitFor({ state: 'attached' });
    await choose(jpeg('can.jpg', await noise(700)));
    await tile(page, 'can.jpg').getByText('Main photo').waitFor();
    await page.getByRole('link', { name: 'View in shop' }).click();
    await page.locator('.frame.large img[srcset]').waitFor();
  });

  it('show how much was sent, jump nowhere, and go on while another page is shown', async () => {
    const { page, choose } = await staffOn('Task lamp');
    await slowed(page, 400_000);
    await choose(jpeg('large.jpg', await noise(1400)));
    const bar = page.getByRole('progressbar', { name: 'Upload of large.jpg' });
    await eventually(async () => Number(await bar.getAttribute('value')) > 0, true);
    await page.getByText(/^\d+% uploaded$/).waitFor();
    await page.getByRole('link', { name: 'Stock', exact: true }).first().click();
    await settled(page);
    await page.goBack();
    await settled(page);
    const box = await tile(page, 'large.jpg').boundingBox();
    await ready(page, 'large.jpg');
    expect(await tile(page, 'large.jpg').boundingBox()).toEqual(box);
    expect(await said(page)).toContain('large.jpg is ready.');
  });

  it('are refused with the reason, at once where it can be known', async () => {
    const { page, choose } = await staffOn('Bud vase');
    await choose(
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('words') },
      jpeg('heavy.jpg', Buffer.alloc(10_000_001)),
      jpeg('empty.jpg', Buffer.alloc(0)),
    );
    await tile(page, 'notes.txt').getByText('This is not a JPEG, PNG or WebP picture.').waitFor();
    await tile(page, 'heavy.jpg').getByText('This file has 10.0 MB; the limit is 10 MB.').waitFor();
    await tile(page, 'empty.jpg').getByText('This file is empty.').waitFor();
    expect(await said(page)).toContain('notes.txt: This is not a JPEG, PNG or WebP picture.');

    await choose({ name: 'wide.png', mimeType: 'image/png', buffer: solidPng(100_000, 1) });
    await tile(page, 'wide.png')
      .getByText('This is 100000 × 1 pixels, and a photo has at most 16384 on a side.')
      .waitFor();

    await choose(jpeg('renamed.jpg', Buffer.from('words')), jpeg('good.jpg', await noise(300)));
    await tile(page, 'renamed.jpg')
      .getByText('This file is not a JPEG, PNG or WebP picture, or it is damaged')
      .waitFor();
    await ready(page, 'good.jpg');
    await page.evaluate(AXE);
    expect(await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual(
      [],
    );
    for (const name of ['notes.txt', 'heavy.jpg', 'empty.jpg', 'wide.png', 'renamed.jpg']) {
      await page.getByRole('button', { name: `Remove ${name}` }).click();
    }
    await eventually(() => page.locator('.photo-name').allInnerTexts().then(String), 'good.jpg');
    await page.reload();
    await ready(page, 'Photo 1');
    expect(await page.locator('.photo').count()).toBe(1);
  });

  it('go on from where the connection was lost', async () => {
    const { page, choose, complaints } = await staffOn('Watering can');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(new URL(request.url()).pathname.split('/').pop() ?? '');
    });
    await page.route('**/blobs/**', (route) => route.abort());
    await choose(jpeg('lost.jpg', await noise(300)));
    await tile(page, 'lost.jpg').getByText('The connection was lost.').waitFor();
    await page.unroute('**/blobs/**');
    // This time the request arrives, and its answer is lost.
    await page.route('**/blobs/**', async (route) => {
      await route.fetch();
      await route.abort();
      await page.unroute('**/blobs/**');
    });
    await page.getByRole('button', { name: 'Try again lost.jpg' }).press('Enter');
    await ready(page, 'lost.jpg');
    expect(asked).toEqual(['photos', 'complete']);
    expect(complaints().every((text) => /ERR_FAILED|412/.test(text))).toBe(true);
  });

  it('can be cancelled on their way, and leave nothing', async () => {
    const { page, choose } = await staffOn('Canvas backpack');
    await slowed(page, 100_000);
    await choose(jpeg('wrong.jpg', await noise(1400)));
    await page.getByText(/^\d+% uploaded$/).waitFor();
    const deleted = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await page.getByRole('button', { name: 'Cancel wrong.jpg' }).click();
    expect((await deleted).status()).toBe(204);
    expect(await page.locator('.photo').count()).toBe(0);
    await page.reload();
    await page.getByLabel('Upload photos').waitFor({ state: 'attached' });
    expect(await page.locator('.photo').count()).toBe(0);
  });

  it('are chosen and deleted with the keyboard, and words can be edited meanwhile', async () => {
    const { page, choose, complaints } = await staffOn('Wooden train');
    let dialogs = 0;
    page.on('filechooser', () => dialogs++);
    await choose(jpeg('one.jpg', await noise(300)), jpeg('two.jpg', await noise(300)));
    await ready(page, 'one.jpg');
    await ready(page, 'two.jpg');
    // The picture changed since the page was opened, which is no change of its words.
    await page.getByLabel('Price in US dollars').fill('38');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Wooden train saved.').waitFor();
    expect(complaints()).toEqual([expect.stringContaining('412')]);

    await page.getByLabel('Upload photos').focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.drop label')).outlineStyle`)).toBe(
      'solid',
    );
    await page.keyboard.press('Space');
    await eventually(async () => dialogs, 1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.photo').count(), 1);
    const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
    await eventually(focused, 'Delete one.jpg');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.photo').count(), 0);
    await eventually(
      () => page.getByLabel('Upload photos').evaluate((input) => input.matches(':focus')),
      true,
    );
    await eventually(() => said(page), 'one.jpg deleted.');
    await page.goto(new URL('/?page=staff', page.url()).href);
    await settled(page);
  });

  it('can be added by drag and drop', async () => {
    const { page } = await staffOn('Stoneware mug');
    const bytes = [...(await noise(200))];
    const files = await page.evaluateHandle(
      `(() => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(${JSON.stringify(bytes)})], 'dropped.jpg', { type: 'image/jpeg' }));
        return data; })()`,
    );
    await page.dispatchEvent('.drop', 'dragover', { dataTransfer: files });
    expect(await page.locator('.drop.over').count()).toBe(1);
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: files });
    await ready(page, 'dropped.jpg');
  });
});

/** Bytes a second that can be sent. */
async function slowed(page: Page, uploadThroughput: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  });
}

/** The file that an image shows, once it does. */
const shown = (page: Page, selector: string): Promise<unknown> =>
  page.evaluate(
    `(({ complete, currentSrc }) => complete && currentSrc.split('/').pop())(document.querySelector('${selector}'))`,
  );

/** The prevailing colour, red or blue, at the top and at the bottom of an image. */
async function topAndBottom(page: Page, selector: string): Promise<unknown> {
  return page.evaluate(`(() => {
    const image = document.querySelector('${selector}');
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return [0.1, 0.9].map((at) => {
      const [red, , blue] = context.getImageData(canvas.width / 2, canvas.height * at, 1, 1).data;
      return red > blue ? 'red' : 'blue';
    });
  })()`);
}

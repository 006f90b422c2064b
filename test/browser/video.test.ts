import { describeInBrowser, settled, stage } from './browser';

describeInBrowser('the clip', () => {
  const { visitor } = stage();

  it('B2: plays from a place that the visitor goes to, which the browser fetches as a range of bytes', async () => {
    const { page, visit } = await visitor();
    const ranges: (string | undefined)[] = [];
    page.on('response', (answer) => {
      if (answer.url().endsWith('.webm'))
        ranges.push(`${answer.status()} ${answer.headers()['content-range']?.replace(/-\d+\//, '-…/')}`);
    });
    await visit('/');
    await page.getByRole('link', { name: 'How reserving works' }).click();
    await settled(page);
    const clip = page.locator('video');
    await clip.evaluate(
      (video: { currentTime: number; seeking: boolean } & EventTarget) =>
        new Promise((resolve) => {
          video.addEventListener('seeked', resolve, { once: true });
          video.currentTime = 6.5;
        }),
    );
    expect(await clip.evaluate((video: { currentTime: number }) => video.currentTime)).toBe(6.5);
    expect(await clip.evaluate((video: { duration: number }) => video.duration)).toBe(8);
    expect(ranges[0]).toMatch(/^206 bytes 0-…\/\d+$/);
  });
});

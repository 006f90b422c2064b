/**
 * Page weight and timings of the storefront in real Chromium, from the shop of `npm start` (uncompressed HTTP/1.1 over
 * loopback), with an empty cache each time: `npx tsx lab/bench/storefront.ts [rounds]`. Medians; times in ms after
 * navigation.
 */
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { folder, removeFolders, startShop } from '../../test/local/shop-process';
import { median } from '../analysis/statistics';

interface Visit {
  readonly requests: number;
  /** Sum of bodies and headers, as they were transferred. */
  readonly kilobytes: number;
  readonly firstPaint: number;
  readonly lcp: number;
  readonly cls: number;
  readonly load: number;
}

const FIGURES = ['requests', 'kilobytes', 'firstPaint', 'lcp', 'cls', 'load'] as const;
const DEVICES = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
} as const;
type Device = keyof typeof DEVICES;

async function main(rounds: number): Promise<void> {
  const shop = await startShop(join(folder(), 'data'));
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const { items } = (await (await fetch(`${shop.url}/api/products?limit=1`)).json()) as {
      items: { id: string }[];
    };
    const places = { 'front page': '/', product: `/?page=product&id=${items[0]?.id}` };
    console.log(['page'.padEnd(22), ...FIGURES.map((figure) => figure.padStart(11))].join(''));
    for (const device of Object.keys(DEVICES) as Device[]) {
      for (const [name, path] of Object.entries(places)) {
        const visits: Visit[] = [];
        for (let n = 0; n < rounds; n++) visits.push(await visit(browser, shop.url + path, device));
        const cells = FIGURES.map((figure) => median(visits.map((one) => one[figure])));
        console.log(
          [`${name}, ${device}`.padEnd(22), ...cells.map((cell) => shown(cell).padStart(11))].join(''),
        );
      }
    }
  } finally {
    await browser.close();
    await shop.stop();
    removeFolders();
  }
}

async function visit(browser: Browser, url: string, device: Device): Promise<Visit> {
  const context = await browser.newContext(DEVICES[device]);
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  let requests = 0;
  let bytes = 0;
  network.on('Network.requestWillBeSent', () => requests++);
  network.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.addInitScript(OBSERVE);
  await page.goto(url);
  await page.waitForSelector('html:not([data-loading]) main .page:not([aria-busy])');
  await page.waitForLoadState('networkidle');
  const times = (await page.evaluate(READ)) as Omit<Visit, 'requests' | 'kilobytes'>;
  await context.close();
  return { ...times, requests, kilobytes: bytes / 1000 };
}

const OBSERVE = `
  window.seen = { lcp: 0, cls: 0 };
  new PerformanceObserver((list) => { window.seen.lcp = list.getEntries().at(-1).startTime; })
    .observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => { for (const { value } of list.getEntries()) window.seen.cls += value; })
    .observe({ type: 'layout-shift', buffered: true });
`;
const READ = `({
  ...window.seen,
  firstPaint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  load: performance.getEntriesByType('navigation')[0].loadEventEnd,
})`;

const shown = (value: number) => (value > 0 && value < 1 ? value.toFixed(4) : value.toFixed(0));

void main(Number(process.argv[2] ?? 5));

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { folder, type RunningShop, removeFolders, startShop } from '../local/shop-process';
import { eventually as soon } from '../support/until';

/** Without windows, it takes half of the CPU; a developer may have the other. */
const HEADLESS = '/usr/bin/chromium-headless-shell';
const CHROMIUM = existsSync(HEADLESS) ? HEADLESS : '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `describe`, skipped without a Chromium unless servers are required. */
export const describeInBrowser =
  existsSync(CHROMIUM) || process.env.REQUIRE_SERVERS === '1' ? describe : describe.skip;

export interface Visitor {
  readonly page: Page;
  /** Errors that the console showed since the last time, policy violations among them. Empty after every test. */
  complaints(): string[];
  /** Opens an address of the shop and waits for its page. */
  visit(path: string): Promise<void>;
  logIn(role: 'customer' | 'staff'): Promise<void>;
}

export interface Stage {
  shop(): RunningShop;
  /** A person with a browser profile of their own. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
}

/** One shop and one browser for the tests of a file; every test that leaves a complaint in a console fails. */
export function stage(): Stage {
  let shop: RunningShop;
  let browser: Browser;
  const visitors: Visitor[] = [];
  beforeAll(async () => {
    const opening = startShop(join(folder(), 'data'));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
    shop = await opening;
  });
  afterEach(async () => {
    const complaints = visitors.flatMap((visitor) => visitor.complaints());
    for (const { page } of visitors.splice(0)) await page.context().close();
    expect(complaints).toEqual([]);
  });
  afterAll(() => browser?.close());
  afterAll(async () => expect(await shop?.stop()).toBe(0));
  afterAll(removeFolders);
  return {
    shop: () => shop,
    visitor: async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      const visitor = visitorOf(await context.newPage(), shop.url, credentials(shop.out()));
      visitors.push(visitor);
      return visitor;
    },
  };
}

function visitorOf(page: Page, url: string, accounts: ReturnType<typeof credentials>): Visitor {
  // A bound for hangs, not a promise of speed.
  page.setDefaultTimeout(60_000);
  let complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const visit = async (path: string) => {
    await page.goto(url + path);
    await settled(page);
  };
  return {
    page,
    visit,
    complaints: () => {
      const told = complaints;
      complaints = [];
      return told;
    },
    logIn: async (role) => {
      await visit('/?page=login');
      const { email, password } = accounts(role);
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('link', { name: 'Account', exact: true }).waitFor();
      await settled(page);
    },
  };
}

/** Until the page of the address is drawn, and is not its placeholder. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('html:not([data-loading]) main .page:not([aria-busy])');
}

const ALL_IS_THERE = `
  document.readyState === 'complete' && document.fonts.status === 'loaded' &&
  [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight)
`;

/** Until nothing moves by itself any more: the pictures on the screen are there, and two frames were drawn since. */
export async function still(page: Page): Promise<void> {
  await settled(page);
  // Not by waitForFunction, whose polling the pages' Content Security Policy forbids.
  await eventually(() => page.evaluate(ALL_IS_THERE), true);
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

/** Reloads until the expected text is there: lists may be some seconds old, by their Cache-Control. */
export async function eventually<Value>(read: () => Promise<Value>, expected: Value): Promise<void> {
  await soon(async () => expect(await read()).toBe(expected));
}

/** Credentials that the start screen prints. */
const credentials = (screen: string) => (role: string) => {
  const [, email = '', password = ''] = new RegExp(`(\\S+@\\S+) +(\\S+) +${role}`).exec(screen) ?? [];
  return { email, password };
};

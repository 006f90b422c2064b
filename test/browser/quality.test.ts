import { readFileSync } from 'node:fs';
import { describeInBrowser, settled, stage, still, type Visitor } from './browser';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const PAGES = {
  customer: [
    '/',
    '/?category=Desk',
    '/?q=nothing+of+the+kind',
    '/?page=cart',
    '/?page=reservations',
    '/?page=account',
    '/?page=reserving',
  ],
  staff: ['/?page=staff', '/?page=off-sale', '/?page=orders', '/?page=password-link', '/?page=new-product'],
};

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function findings({ page }: Visitor): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run()')) as { violations: Finding[] };
  return violations.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes[0]?.html}`);
}

/** Sums the shifts of the layout that follow no input (Cumulative Layout Shift). */
const WATCH_SHIFTS = `
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
`;

describeInBrowser('every page', () => {
  const { visitor } = stage();

  // Colours depend on the scheme alone, and places on the device alone.
  it.each([
    ['light', PHONE],
    ['dark', {}],
  ] as const)('has nothing that axe finds, in %s, on %j', async (colorScheme, device) => {
    const found: string[] = [];
    for (const role of ['customer', 'staff'] as const) {
      const person = await visitor({ colorScheme, ...device });
      const look = async (name: string) => {
        found.push(...(await findings(person)).map((finding) => `${name}: ${finding}`));
      };
      for (const path of [
        '/?page=login',
        '/?page=signup',
        '/?page=new-password',
        '/?page=new-password#token',
      ]) {
        await person.visit(path);
        await look(path);
      }
      await person.logIn(role);
      for (const path of PAGES[role]) {
        await person.visit(path);
        await look(path);
      }
      await person.visit('/');
      await person.page.locator('.card a').first().click();
      await settled(person.page);
      await look('product');
      await person.page.getByRole('button', { name: 'Add to cart' }).click();
      await person.visit('/?page=cart');
      await look('full cart');
      if (role === 'customer') {
        await person.page.getByRole('button', { name: 'Reserve for 15 minutes' }).click();
        await person.page.getByRole('timer').waitFor();
        await look('reservation');
      } else {
        await person.visit('/?page=staff');
        await person.page.locator('.stocklist a').first().click();
        await settled(person.page);
        await look('stock');
      }
    }
    expect(found).toEqual([]);
  });

  it.each([
    ['desktop', {}],
    ['phone', PHONE],
  ])('neither jumps nor needs scrolling sideways on a %s', async (_name, device) => {
    const { page, visit, logIn } = await visitor(device);
    await page.addInitScript(WATCH_SHIFTS);
    await logIn('customer');
    for (const path of PAGES.customer) {
      await visit(path);
      await still(page);
      expect([path, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([
        path,
        true,
      ]);
      // 0.1 is what Core Web Vitals call good.
      expect(await page.evaluate('window.shifted')).toBeLessThan(0.02);
    }
  });

  it('is not widened by one long word on a phone', async () => {
    const { page, visit } = await visitor(PHONE);
    const word = 'Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft';
    await page.route('**/api/products*', async (route) => {
      const answer = await route.fetch();
      const { items } = (await answer.json()) as { items: { name: string; category: string }[] };
      await route.fulfill({
        json: { items: items.map((item) => ({ ...item, name: word, category: word })) },
      });
    });
    for (const path of ['/', `/?q=${word}`]) {
      await visit(path);
      await still(page);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.viewport.width);
    }
  });

  it('shows a placeholder while it waits, and does not jump when the page comes', async () => {
    const { page, visit } = await visitor();
    await page.addInitScript(WATCH_SHIFTS);
    await page.route('**/api/products?*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    const visiting = visit('/');
    await page.locator('.bone').first().waitFor();
    await visiting;
    await still(page);
    expect(await page.evaluate('window.shifted')).toBeLessThan(0.02);
  });

  it('comes within a budget of bytes', async () => {
    const { page, visit } = await visitor();
    const sizes: [string, number][] = [];
    page.on('response', async (response) => {
      const { pathname } = new URL(response.url());
      if (/\.(js|css|svg)$|^\/$/.test(pathname)) sizes.push([pathname, (await response.body()).length]);
    });
    await visit('/');
    await still(page);
    const own = sizes.filter(([path]) => !path.startsWith('/pictures/'));
    const bytes = own.reduce((sum, [, size]) => sum + size, 0);
    expect(own.map(([path]) => path)).toContain('/pages/catalog.js');
    // Uncompressed; about a third of it over a web server that compresses.
    expect(bytes).toBeLessThan(80_000);
  });
});

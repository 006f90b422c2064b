import { readFileSync } from 'node:fs';
import { routesOf } from '../support/openapi';
import { describeInBrowser, stage, type Visitor } from './browser';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describeInBrowser('the page of the API', () => {
  const { visitor, shop } = stage();

  const open = async ({ page }: Visitor, hash = '') => {
    await page.goto(`${shop().url}/api.html${hash}`);
    await page.waitForSelector('#routes:not([aria-busy])');
  };
  const documents = () =>
    Promise.all(
      ['users', 'inventory'].map(async (name) =>
        (await fetch(`${shop().url}/api/${name}/openapi.json`)).json(),
      ),
    );

  it('shows every route of both documents, with its parameters, fields and refusals', async () => {
    const person = await visitor();
    await open(person);
    const routes = (await documents()).flatMap((document) => routesOf(document as never));
    const shown = await person.page.locator('.route .address').allInnerTexts();
    expect(shown.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    const reserve = person.page.locator('#post-api-reservations');
    await reserve.getByText('out-of-stock: Not enough in stock').first().click();
    const text = await reserve.innerText();
    for (const part of [
      'idempotency-key in the header',
      'Requires authentication.',
      '"productId"',
      '"type": "out-of-stock"',
    ]) {
      expect(text).toContain(part);
    }
    await reserve.getByText('Fields').first().click();
    expect(await reserve.innerText()).toMatch(/integer, 1 to 100/);
    expect(await person.page.locator('body').innerText()).not.toMatch(/undefined|\[object/);
  });

  it('opens at the route that an address names', async () => {
    const person = await visitor();
    await open(person, '#post-api-sessions');
    const { y } = (await person.page.locator('#post-api-sessions').boundingBox()) ?? { y: -1 };
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(200);
  });

  it('is used with the keyboard', async () => {
    const person = await visitor();
    await open(person);
    const { page } = person;
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.locator('#contents a').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.querySelector(":target").className')).toBe('route');
    const answer = page.locator('#get-api-products-id .refusal summary').first();
    await answer.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#get-api-products-id .refusal[open] pre').count()).toBeGreaterThan(0);
  });

  it('shows an error when the documents fail to load, and retries', async () => {
    const { page, complaints } = await visitor();
    await page.route('**/openapi.json', (route) => route.abort());
    await page.goto(`${shop().url}/api.html`);
    await page.getByRole('heading', { name: 'The API reference could not be loaded' }).waitFor();
    await page.unroute('**/openapi.json');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.route').first().waitFor();
    expect(complaints().join()).toContain('ERR_FAILED');
  });

  it.each([
    ['light', 'desktop', {}],
    ['dark', 'desktop', {}],
    ['light', 'phone', PHONE],
    ['dark', 'phone', PHONE],
  ] as const)('has nothing that axe finds and fits, in %s on a %s', async (colorScheme, _device, options) => {
    const person = await visitor({ colorScheme, ...options });
    const { page } = person;
    await open(person);
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // All routes look alike, and looking at each takes a while.
    await page.evaluate(
      'for (const route of [...document.querySelectorAll(".route")].slice(8)) route.remove()',
    );
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
});

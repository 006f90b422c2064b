import type { Page } from 'playwright-core';
import { describeInBrowser, eventually, settled, stage } from './browser';

const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();

describeInBrowser('a visitor', () => {
  const { visitor, shop } = stage();

  const freeOf = async (name: string): Promise<number> => {
    const answer = await fetch(`${shop().url}/api/products?q=${encodeURIComponent(name)}`);
    const { items } = (await answer.json()) as { items: { name: string; available: number }[] };
    return items.find((item) => item.name === name)?.available ?? Number.NaN;
  };

  it('browses by category, opens a product, and comes back to the place and length of the list', async () => {
    const { page, visit } = await visitor();
    await visit('/');
    const cards = page.locator('.card');
    expect(await cards.count()).toBe(24);
    await button(page, 'Show more products').click();
    await cards.nth(35).waitFor();
    const newest = cards.nth(24).getByRole('link');
    await eventually(() => newest.evaluate((element) => element.matches(':focus')), true);
    await newest.click();
    await settled(page);
    expect(page.url()).toMatch(/\/\?page=product&id=[\w-]+$/);
    await page.goBack();
    await settled(page);
    expect(await cards.count()).toBe(36);
    expect(await page.evaluate('scrollY')).toBeGreaterThan(500);

    await page.getByRole('navigation', { name: 'Categories' }).getByRole('link', { name: 'Garden' }).click();
    await settled(page);
    expect(await heading(page)).toBe('Garden');
    expect(await cards.count()).toBe(6);
    expect(await page.title()).toBe('Garden · Wren');
  });

  it('finds products by words, and reads a message when there are none', async () => {
    const { page, visit } = await visitor();
    await visit('/');
    await page.getByRole('searchbox').fill('steel bottle');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/?q=steel+bottle');
    await settled(page);
    expect(await page.locator('.card h3').allInnerTexts()).toEqual(['Steel bottle']);
    await page.getByRole('searchbox').fill('<img src=x onerror=alert(1)>');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No products found' }).waitFor();
    expect(await heading(page)).toBe('Results for “<img src=x onerror=alert(1)>”');
  });

  it('reads advice when a search would read too many products', async () => {
    const { page, visit, complaints } = await visitor();
    const problem = {
      type: 'search-too-broad',
      title: 'This search would read too many products',
      status: 422,
    };
    await page.route('**/api/products?*', (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify(problem),
      }),
    );
    await visit('/?q=even+odd');
    await page.getByRole('heading', { name: 'Too many products to look through' }).waitFor();
    expect(await page.locator('.state p').innerText()).toBe(
      'Nothing was found for “even odd” among the newest. Add a rarer word, or choose a category.',
    );
    expect(complaints()).toEqual([expect.stringContaining('422')]);
  });

  it('sees a message at an unknown address', async () => {
    const { page, visit, complaints } = await visitor();
    await visit('/?page=nonsense');
    expect(await heading(page)).toBe('Page not found');
    await visit('/?page=product&id=019680a5-0c31-7c6e-9a51-4f2d3c9a7b10');
    expect(await heading(page)).toBe('Page not found');
    // The document of a product that there is not is a 404, and so is what it asks for.
    expect(complaints()).toEqual([expect.stringContaining('404'), expect.stringContaining('404')]);
  });

  it('sorts by price, and keeps the order from category to category', async () => {
    const { page, visit } = await visitor();
    const prices = async () =>
      (await page.locator('.card .price').allInnerTexts()).map((text) =>
        Number(text.slice(1).replace(',', '')),
      );
    await visit('/?category=Garden');
    await page.getByLabel('Sort by').selectOption('Price, low to high');
    await page.waitForURL('**/?category=Garden&sort=price');
    await settled(page);
    const cheapest = await prices();
    expect(cheapest).toEqual(cheapest.toSorted((a, b) => a - b));
    await page.getByLabel('Sort by').selectOption('Price, high to low');
    await page.waitForURL('**/?category=Garden&sort=-price');
    await settled(page);
    expect(await prices()).toEqual(cheapest.toReversed());
    await page.getByRole('navigation', { name: 'Categories' }).getByRole('link', { name: 'Desk' }).click();
    await page.waitForURL('**/?category=Desk&sort=-price');
    await settled(page);
    await page.getByLabel('Sort by').selectOption('Newest');
    await page.waitForURL('**/?category=Desk');
  });

  it('reads one sentence in one piece without JavaScript', async () => {
    const { page } = await visitor({ javaScriptEnabled: false });
    await page.goto(shop().url);
    const sentence = page.locator('noscript p');
    expect(await sentence.evaluate((element) => element.getClientRects().length)).toBe(1);
    expect(await sentence.innerText()).toMatch(/^This shop needs JavaScript.*: \/api\/products\.$/s);
  });

  it('sees a message while the shop does not answer, and goes on once it does', async () => {
    const { page, visit, complaints } = await visitor();
    await visit('/');
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'Travel', exact: true }).click();
    await page.getByRole('heading', { name: 'The shop is not responding' }).waitFor();
    await page.context().setOffline(false);
    await button(page, 'Try again').click();
    await settled(page);
    expect(await heading(page)).toBe('Travel');
    expect(complaints().join()).toContain('ERR_INTERNET_DISCONNECTED');
  });

  it('fills the cart, registers on the way, reserves, and gives it back', async () => {
    const { page, visit } = await visitor();
    const before = await freeOf('Stoneware mug');
    await visit('/?q=mug');
    await link(page, /Stoneware mug/).click();
    await page.getByLabel('Quantity of Stoneware mug').fill('3');
    await button(page, 'Add to cart').click();
    await link(page, 'Cart, 3 items').click();
    await link(page, 'Log in to reserve').click();
    await link(page, 'Create account').click();
    await page.getByLabel('Name').fill('Rhea');
    await page.getByLabel('Email').fill('rhea@example.com');
    await page.getByLabel('Password').fill('a few good words');
    await button(page, 'Create account').click();
    await button(page, 'Reserve for 15 minutes').click();
    await page.getByRole('timer').waitFor();
    expect(await page.locator('.digits').innerText()).toMatch(/^1[45]:\d\d$/);
    expect(await page.locator('.receipt').innerText()).toMatch(/3 ×\s+Stoneware mug\s+\$54\.00/);
    await eventually(() => freeOf('Stoneware mug'), before - 3);
    await link(page, 'Cart, 0 items').waitFor();

    await button(page, 'Cancel').click();
    await page.getByRole('heading', { name: 'Reservation cancelled' }).waitFor();
    await eventually(() => freeOf('Stoneware mug'), before);
    await page.getByRole('link', { name: 'Reserved', exact: true }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor();
  });

  it('reads the present holding and its limit when a reservation would exceed it', async () => {
    const { page, visit, complaints } = await visitor();
    await visit('/?page=signup');
    await page.getByLabel('Name').fill('Hoarder');
    await page.getByLabel('Email').fill('hoarder@example.com');
    await page.getByLabel('Password').fill('a few good words');
    await button(page, 'Create account').click();
    await link(page, 'Account').waitFor();
    const answer = await fetch(`${shop().url}/api/products?limit=100`);
    const { items } = (await answer.json()) as { items: { id: string; available: number }[] };
    const plenty = items.filter(({ available }) => available > 20).map(({ id }) => id);
    /** So many of the first, the second, … of them. */
    const reserve = async (...quantities: number[]) => {
      const lines = quantities.map((quantity, n) => ({ id: plenty[n], quantity }));
      const cart = JSON.stringify(lines.filter(({ quantity }) => quantity > 0));
      await page.evaluate(`localStorage.setItem('wren.cart', ${JSON.stringify(cart)})`);
      await visit('/?page=cart');
      await button(page, 'Reserve for 15 minutes').click();
    };
    await reserve(8);
    await page.getByRole('timer').waitFor();

    await reserve(3, 1);
    await page.getByText('You hold 8 already, and can hold 10 at a time. Change to 2').waitFor();
    const changes = button(page, 'Change to 2');
    await eventually(() => changes.evaluate((element) => element.matches(':focus')), true);
    await button(page, 'Change to 2').click();
    await button(page, 'Reserve for 15 minutes').click();
    await page.getByRole('timer').waitFor();

    await reserve(0, 0, 10, 10, 10, 10, 9);
    await page
      .getByText('You can hold 50 pieces at a time: you hold 11, and this cart has 49. See what you hold')
      .waitFor();
    await link(page, 'See what you hold').click();
    await page.getByText('Held', { exact: true }).first().waitFor();
    expect(complaints()).toEqual([expect.stringContaining('409'), expect.stringContaining('409')]);
  });

  it('reserves once, however often the answer is lost', async () => {
    const { page, visit, logIn, complaints } = await visitor();
    await logIn('customer');
    const before = await freeOf('Fountain pen');
    await visit('/?q=fountain');
    await link(page, /Fountain pen/).click();
    await button(page, 'Add to cart').click();
    await link(page, 'Cart, 1 item').click();
    const keys: (string | undefined)[] = [];
    await page.route('**/api/reservations', async (route) => {
      keys.push((await route.request().headerValue('idempotency-key')) ?? undefined);
      // The shop processes the request, and its answer is lost.
      await route.fetch();
      await route.abort();
    });
    await button(page, 'Reserve for 15 minutes').click();
    await page.getByRole('alert').filter({ hasText: 'not responding' }).waitFor();
    await page.unroute('**/api/reservations');
    await page.reload();
    await settled(page);
    page.once('request', (request) => keys.push(request.headers()['idempotency-key']));
    await button(page, 'Reserve for 15 minutes').click();
    await page.getByRole('timer').waitFor();
    expect(keys.length).toBeGreaterThan(2);
    expect(new Set(keys).size).toBe(1);
    await eventually(() => freeOf('Fountain pen'), before - 1);
    complaints();
  });

  it('sees the shortage, reserves the remaining pieces, and confirms them', async () => {
    const [slow, quick] = [await visitor(), await visitor()];
    for (const { page, logIn, visit } of [slow, quick]) {
      await logIn('customer');
      await visit('/?q=mirror');
      await link(page, /Round mirror/).click();
      await page.getByLabel('Quantity of Round mirror').fill('2');
      await button(page, 'Add to cart').click();
      await link(page, 'Cart, 2 items').click();
      await button(page, 'Reserve for 15 minutes').waitFor();
    }
    await button(quick.page, 'Reserve for 15 minutes').click();
    await quick.page.getByRole('timer').waitFor();
    await button(slow.page, 'Reserve for 15 minutes').click();
    await slow.page.getByText('Only 1 left.').waitFor();
    await button(slow.page, 'Change to 1').click();
    await button(slow.page, 'Reserve for 15 minutes').click();
    await button(slow.page, 'Confirm').click();
    await slow.page.getByRole('heading', { name: 'Reservation confirmed' }).waitFor();
    expect(slow.complaints()).toEqual([expect.stringContaining('409')]);
  });

  it('sees the time run out, without asking the shop in circles', async () => {
    const { page, logIn, visit } = await visitor();
    await logIn('customer');
    await visit('/?q=kite');
    await link(page, /Diamond kite/).click();
    await button(page, 'Add to cart').click();
    await link(page, 'Cart, 1 item').click();
    let asked = 0;
    // The shop's own answers, as they would be a quarter of an hour later.
    await page.route('**/api/reservations/*', async (route) => {
      const response = await route.fetch();
      const reservation = (await response.json()) as object;
      asked++;
      const later =
        asked < 3 ? { expiresAt: new Date(Date.now() + 300).toISOString() } : { status: 'expired' };
      await route.fulfill({ response, json: { ...reservation, ...later } });
    });
    await button(page, 'Reserve for 15 minutes').click();
    await page.getByRole('heading', { name: 'Reservation expired' }).waitFor();
    expect(asked).toBe(3);
    expect(await button(page, 'Confirm').count()).toBe(0);
  });

  it('gets from the front page to a reservation with the keyboard alone', async () => {
    const { page, logIn, visit } = await visitor();
    await logIn('customer');
    await visit('/');
    const { keyboard } = page;
    const focused = () =>
      page.evaluate(
        'document.activeElement.innerText || document.activeElement.ariaLabel',
      ) as Promise<string>;
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press('Tab');
        if ((await focused())?.includes(name)) return;
      }
      throw new Error(`The keyboard does not reach "${name}"`);
    };
    await keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await keyboard.press('Enter');
    await tabTo('Wooden train');
    await keyboard.press('Enter');
    await settled(page);
    // The new page's heading has the focus, so that it is read and the next Tab goes on from there.
    expect(await focused()).toBe('Wooden train');
    await tabTo('Add to cart');
    await keyboard.press('Enter');
    await keyboard.press('Shift+Tab');
    await tabTo('Add to cart');
    await page.getByText('1 in your cart').waitFor();
    await link(page, 'View cart').focus();
    await keyboard.press('Enter');
    await settled(page);
    expect(await focused()).toBe('Your cart');
    await tabTo('Reserve for 15 minutes');
    await keyboard.press('Enter');
    await page.getByRole('timer').waitFor();
    expect(await focused()).toBe('Reserved for you');
  });
});

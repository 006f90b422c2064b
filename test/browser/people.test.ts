import { describeInBrowser, settled, stage } from './browser';

describeInBrowser('an account', () => {
  const { visitor } = stage();

  it('is refused where the mistake is, and told why', async () => {
    const { page, visit, complaints } = await visitor();
    await visit('/?page=signup');
    const make = page.getByRole('button', { name: 'Make the account' });
    await make.click();
    const name = page.getByLabel('Your name');
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    expect(await name.evaluate((element) => element.matches(':focus'))).toBe(true);
    await name.fill('Dana');
    await page.getByLabel('E-mail').fill('dana@example.com');
    await page.getByLabel('Password').fill('a few good words');
    await make.click();
    await page.getByText('There is an account with this e-mail already.').waitFor();
    await page.getByLabel('E-mail').fill('new@example.com');
    await page.getByLabel('Password').fill('new@example.com');
    await make.click();
    await page.getByText('Take something that is not your e-mail or name.').waitFor();
    expect(complaints()).toEqual([expect.stringContaining('409'), expect.stringContaining('400')]);
  });

  it('does not open with a wrong password, and leads back to where one wanted to go', async () => {
    const { page, visit, complaints } = await visitor();
    await visit('/?page=reservations');
    expect(page.url()).toContain('page=login&next=');
    await page.getByLabel('E-mail').fill('dana@example.com');
    await page.getByLabel('Password').fill('not the right one');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('E-mail or password is wrong.').waitFor();
    expect(complaints()).toEqual([expect.stringContaining('401')]);
    await page.getByLabel('Password').fill('welcome-customer');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL('**/?page=reservations');
    await settled(page);
  });

  it('never leads to another site after logging in', async () => {
    const { page, logIn, visit } = await visitor();
    await logIn('customer');
    for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example']) {
      await visit(`/?page=login&next=${encodeURIComponent(next)}`);
      await page.waitForURL((url) => url.pathname === '/' && url.search === '');
    }
  });

  it('changes its name, lists and ends sessions, and logs out', async () => {
    const [here, there] = [await visitor(), await visitor()];
    await here.logIn('customer');
    await there.logIn('customer');
    const { page, visit } = here;
    await visit('/?page=account');
    await page.getByLabel('Name').fill('Dana the Second');
    await page.getByRole('button', { name: 'Save the name' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dana the Second' }).waitFor();
    // Other tests of this file left sessions, too.
    const elsewhere = page.getByRole('button', { name: 'Log out there' });
    for (let left = await elsewhere.count(); left > 0; left--) {
      await elsewhere.first().click();
      await elsewhere.nth(left - 1).waitFor({ state: 'detached' });
    }
    await there.visit('/?page=account');
    await there.page.waitForURL('**/?page=login*');
    expect(there.complaints().every((text) => text.includes('401'))).toBe(true);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('link', { name: 'Log in' }).waitFor();
  });
});

describeInBrowser('staff', () => {
  const { visitor } = stage();

  it('adds a product, receives stock, adjusts it, and the shop has it', async () => {
    const { page, logIn } = await visitor();
    await logIn('staff');
    await page.getByRole('link', { name: 'Stock' }).click();
    await page.getByRole('link', { name: 'Add a product' }).click();
    await page.getByLabel('Name').fill('Brass bell');
    await page.getByLabel('Category').fill('Home');
    await page.getByLabel('Price in US dollars').fill('19.5');
    await page.getByLabel('Description').fill('Rings.');
    await page.getByRole('button', { name: 'Add the product' }).click();
    await page.getByLabel('Pieces that arrived').fill('12');
    await page.getByRole('button', { name: 'Receive' }).click();
    await page.getByText('12 pieces of Brass bell received.').waitFor();
    await page.getByLabel('Pieces more, or fewer with a minus').fill('-2');
    await page.getByLabel('Why').fill('Two do not ring');
    await page.getByRole('button', { name: 'Adjust' }).click();
    await page.getByText('Two do not ring').waitFor();
    expect(await page.locator('.figures').innerText()).toMatch(/On hand\s+10\s+Reserved\s+0\s+Free\s+10/);
    await page.getByRole('link', { name: 'In the shop' }).click();
    await page.getByRole('heading', { level: 1, name: 'Brass bell' }).waitFor();
    expect(await page.locator('.details').innerText()).toContain('$19.50');
  });

  it('does not write over what a colleague wrote meanwhile', async () => {
    const [one, other] = [await visitor(), await visitor()];
    for (const { logIn, page } of [one, other]) {
      await logIn('staff');
      await page.getByRole('link', { name: 'Stock' }).click();
      // The front page, which is still there for a moment, has a link of the same name.
      await page.locator('.stocklist').getByRole('link', { name: 'Chess set' }).click();
      await page.getByLabel('Description').waitFor();
    }
    await one.page.getByLabel('Price in US dollars').fill('61');
    await one.page.getByRole('button', { name: 'Save' }).click();
    await one.page.getByText('Chess set is saved.').waitFor();
    await other.page.getByLabel('Description').fill('Mine.');
    await other.page.getByRole('button', { name: 'Save' }).click();
    await other.page.getByText('Somebody else changed this product').waitFor();
    expect(other.complaints()).toEqual([expect.stringContaining('412')]);
  });

  it('has its pages to itself', async () => {
    const { page, logIn, visit } = await visitor();
    await logIn('customer');
    expect(await page.getByRole('link', { name: 'Stock' }).count()).toBe(0);
    await visit('/?page=staff');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Not for you');
  });
});

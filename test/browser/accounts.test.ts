import { describeInBrowser, eventually, settled, stage } from './browser';

describeInBrowser('an account', () => {
  const { visitor } = stage();

  it('shows the error at the wrong field, with its reason', async () => {
    const { page, visit, complaints } = await visitor();
    await visit('/?page=signup');
    const make = page.getByRole('button', { name: 'Create account' });
    await make.click();
    const name = page.getByLabel('Name');
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    expect(await name.evaluate((element) => element.matches(':focus'))).toBe(true);
    await name.fill('Dana');
    await page.getByLabel('Email').fill('dana@example.com');
    await page.getByLabel('Password').fill('a few good words');
    await make.click();
    await page.getByText('An account with this email already exists.').waitFor();
    await page.getByLabel('Email').fill('new@example.com');
    await page.getByLabel('Password').fill('new@example.com');
    await make.click();
    await page.getByText('Choose a password other than your email or name.').waitFor();
    expect(complaints()).toEqual([expect.stringContaining('409'), expect.stringContaining('400')]);
  });

  it('does not open with a wrong password, and leads back to where one wanted to go', async () => {
    const { page, visit, complaints } = await visitor();
    await visit('/?page=reservations');
    expect(page.url()).toContain('page=login&next=');
    await page.getByLabel('Email').fill('dana@example.com');
    await page.getByLabel('Password').fill('not the right one');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Incorrect email or password.').waitFor();
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
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dana the Second' }).waitFor();
    // Other tests of this file left sessions, too.
    const elsewhere = page.getByRole('button', { name: 'End session' });
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
    await page.getByRole('link', { name: 'Add product' }).click();
    await page.getByLabel('Name').fill('Brass bell');
    await page.getByLabel('Category').fill('Home');
    await page.getByLabel('Price in US dollars').fill('19.5');
    await page.getByLabel('Description').fill('Rings.');
    await page.getByRole('button', { name: 'Add product' }).click();
    await page.getByLabel('Quantity received').fill('12');
    await page.getByRole('button', { name: 'Receive' }).click();
    await page.getByText('12 items of Brass bell received.').waitFor();
    await page.getByLabel('Change in quantity').fill('-2');
    await page.getByLabel('Reason').fill('Two do not ring');
    await page.getByRole('button', { name: 'Adjust' }).click();
    await page.getByText('Two do not ring').waitFor();
    expect(await page.locator('.figures').innerText()).toMatch(
      /On hand\s+10\s+Reserved\s+0\s+Available\s+10/,
    );
    await page.getByRole('link', { name: 'View in shop' }).click();
    await page.getByRole('heading', { level: 1, name: 'Brass bell' }).waitFor();
    expect(await page.locator('.details').innerText()).toContain('$19.50');
  });

  it('sees what customers reserved and bought, with number, state, buyer and items', async () => {
    const [buyer, { page, logIn, visit }] = [await visitor(), await visitor()];
    await buyer.logIn('customer');
    await buyer.visit('/?category=Kitchen');
    const name = await buyer.page.locator('.card h3').last().innerText();
    await buyer.page.locator('.card a').last().click();
    await buyer.page.getByRole('button', { name: 'Add to cart' }).click();
    await buyer.visit('/?page=cart');
    await buyer.page.getByRole('button', { name: 'Reserve for 15 minutes' }).click();
    await buyer.page.getByRole('timer').waitFor();
    const id = new URL(buyer.page.url()).searchParams.get('id');

    await logIn('staff');
    await visit('/?page=staff');
    await page.getByRole('link', { name: 'Orders' }).click();
    const order = page.locator('.reservation').filter({ hasText: `Number ${id}` });
    await order.getByText('Held').waitFor();
    expect(await order.innerText()).toMatch(/^1 item for \$/);
    expect(await order.innerText()).toContain('Dana');
    await order.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  });

  it('reads what is wrong with a field in the words of the shop', async () => {
    const { page, logIn, visit } = await visitor();
    await logIn('staff');
    await visit('/?page=new-product');
    await page.getByLabel('Name').fill('Brass bell');
    await page.getByLabel('Price in US dollars').fill('twelve');
    await page.getByRole('button', { name: 'Add product' }).click();
    await page.getByText('Write an amount such as 12.99').waitFor();
    expect(await page.getByText('Fill in this field').count()).toBe(2);
  });

  it('does not overwrite an edit that a colleague made meanwhile', async () => {
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
    await one.page.getByText('Chess set saved.').waitFor();
    await other.page.getByLabel('Description').fill('Mine.');
    await other.page.getByRole('button', { name: 'Save' }).click();
    await other.page.getByText('Someone else changed this product').waitFor();
    expect(other.complaints()).toEqual([expect.stringContaining('412')]);
  });

  it('takes a product off sale and back: shoppers read that it is not sold, in their cart too', async () => {
    const [clerk, shopper] = [await visitor(), await visitor()];
    const { page, logIn } = clerk;
    await logIn('staff');
    await page.getByRole('link', { name: 'Stock' }).click();
    await page.locator('.stocklist').getByRole('link', { name: 'Brass bell' }).click();
    await page.getByRole('link', { name: 'View in shop' }).click();
    await page.getByRole('button', { name: 'Add to cart' }).waitFor();
    const url = page.url().replace(/^[^?]*/, '/');
    await shopper.visit(url);
    await shopper.page.getByRole('button', { name: 'Add to cart' }).click();
    await page.goBack();
    await page.getByRole('button', { name: 'Take off sale' }).click();
    await page.getByText('Brass bell is off sale.').waitFor();

    await eventually(async () => {
      await shopper.visit('/?q=brass+bell');
      return shopper.page.getByRole('heading', { name: 'No products found' }).isVisible();
    }, true);
    await eventually(async () => {
      await shopper.visit(url);
      return shopper.page.getByText('Not on sale').first().isVisible();
    }, true);
    expect(await shopper.page.getByRole('button', { name: 'Add to cart' }).count()).toBe(0);
    await shopper.visit('/?page=cart');
    await shopper.page.getByText('No longer on sale.').waitFor();
    await shopper.page.getByRole('button', { name: 'Remove', exact: true }).click();
    await shopper.page.getByText('Your cart is empty').waitFor();

    await clerk.visit('/?page=off-sale');
    await page.locator('.stocklist').getByRole('link', { name: 'Brass bell' }).click();
    await page.getByRole('button', { name: 'Put on sale' }).click();
    await page.getByText('Brass bell is on sale.').waitFor();
    await page.getByRole('button', { name: 'Take off sale' }).waitFor();
  });

  it('gives a link to somebody who forgot the password, who sets another one', async () => {
    const [clerk, owner] = [await visitor(), await visitor()];
    await owner.visit('/?page=signup');
    await owner.page.getByLabel('Name').fill('Flora Forgetful');
    await owner.page.getByLabel('Email').fill('flora@example.com');
    await owner.page.getByLabel('Password').fill('a few good words');
    await owner.page.getByRole('button', { name: 'Create account' }).click();
    await owner.page.getByRole('link', { name: 'Account', exact: true }).waitFor();

    await clerk.logIn('staff');
    await clerk.page.getByRole('link', { name: 'Stock' }).click();
    await clerk.page.getByRole('link', { name: 'Password link' }).click();
    await clerk.page.getByLabel('Email of the account').fill('nobody@example.com');
    await clerk.page.getByRole('button', { name: 'Make link' }).click();
    await clerk.page.getByText('No account has this email.').waitFor();
    expect(clerk.complaints()).toEqual([expect.stringContaining('404')]);
    await clerk.page.getByLabel('Email of the account').fill('flora@example.com');
    await clerk.page.getByRole('button', { name: 'Make link' }).click();
    const link = await clerk.page.getByLabel('Link for Flora Forgetful').inputValue();

    await owner.page.goto(link);
    await owner.page.getByLabel('New password').fill('some other words');
    await owner.page.getByRole('button', { name: 'Set password' }).click();
    await owner.page.waitForURL('**/?page=login');
    await owner.page.getByLabel('Email').fill('flora@example.com');
    await owner.page.getByLabel('Password').fill('some other words');
    await owner.page.getByRole('button', { name: 'Log in' }).click();
    await owner.page.getByRole('link', { name: 'Account', exact: true }).waitFor();

    await clerk.page.goto(link);
    await clerk.page.getByLabel('New password').fill('once more please');
    await clerk.page.getByRole('button', { name: 'Set password' }).click();
    await clerk.page.getByText('This link does not work any more.').waitFor();
    expect(clerk.complaints()).toEqual([expect.stringContaining('403')]);
  });

  it('has pages that customers cannot open', async () => {
    const { page, logIn, visit } = await visitor();
    await logIn('customer');
    expect(await page.getByRole('link', { name: 'Stock' }).count()).toBe(0);
    await visit('/?page=staff');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Access denied');
  });
});

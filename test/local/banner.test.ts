import { type Facts, startBanner, wantsColours } from '../../local/banner';

const facts: Facts = {
  url: 'http://localhost:8080',
  phase: { number: 2, title: 'Users+', users: 'hundreds' },
  runsOn: [['Box', 'MariaDB at /tmp/shop-a1b2c3/box.sock', 'log .local/servers/box.log']],
  folder: '.local',
  log: '.local/shop.log',
  isNew: true,
  seconds: 1.234,
};

describe('the start screen', () => {
  it('fits in 80 columns', () => {
    const widths = startBanner(facts, false)
      .split('\n')
      .map(({ length }) => length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  it('says the address, the accounts, the phase, what it runs on, where the data is and how to stop', () => {
    const text = startBanner(facts, false);
    const parts = [
      '2: Users+, for hundreds of users',
      'MariaDB at',
      'box.log',
      '.local',
      'npm run reset',
      'Ctrl+C',
    ];
    for (const part of ['http://localhost:8080', 'welcome-customer', ...parts]) {
      expect(text).toContain(part);
    }
  });

  it('has the same words with and without colours', () => {
    const coloured = startBanner(facts, true);
    expect(coloured).not.toBe(startBanner(facts, false));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(startBanner(facts, false));
  });

  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('with a terminal: %s, and %j, has colours: %s', (isTTY, env, expected) => {
    expect(wantsColours({ isTTY }, env)).toBe(expected);
  });
});

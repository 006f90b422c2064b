import { Box, describeWith } from './support';

describeWith('bash')('run.sh', () => {
  const box = new Box();
  afterAll(() => box.remove());

  const run = (...args: string[]) => box.run('run.sh', args, { NODE: process.execPath });

  beforeAll(() => {
    // The one thing that needs the box's user: becoming it.
    box.standIn('setpriv', 'while [[ $1 == --* ]]; do shift; done; exec "$@"');
    box.write(
      'run/shop/shop.env',
      'USERS_DATABASE=mysql://users_app:a@localhost/users?socketPath=/run/a.sock\n',
    );
    box.write(
      'run/shop/migrate.env',
      'USERS_DATABASE=mysql://users_owner:b@localhost/users?socketPath=/run/b.sock\n',
    );
    box.write(
      'opt/shop/current/show.js',
      'console.log(process.env.USERS_DATABASE, ...process.argv.slice(2))',
    );
  });

  it('gives a program of the release the accounts that it is to use, and its arguments', async () => {
    expect(await run('app', 'show.js', 'add', 'two words')).toEqual({
      code: 0,
      output: 'mysql://users_app:a@localhost/users?socketPath=/run/a.sock add two words\n',
    });
    expect(await run('migrate', 'show.js')).toMatchObject({ output: expect.stringContaining('users_owner') });
  });

  it('knows the settings that came with the release, but for migrations, which are about this box alone', async () => {
    box.write('opt/shop/current/settings.env', "USERS_DATABASE='mysql://aurora/users?secret=arn:aws:x'\n");
    expect(await run('app', 'show.js')).toMatchObject({
      code: 0,
      output: 'mysql://aurora/users?secret=arn:aws:x\n',
    });
    expect(await run('migrate', 'show.js')).toMatchObject({ output: expect.stringContaining('users_owner') });
  });

  it('says how to call it', async () => {
    expect(await run('other')).toEqual({ code: 2, output: expect.stringContaining("not 'other'") });
  });
});

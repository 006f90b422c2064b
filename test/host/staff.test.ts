import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMailbox } from '../../lambda/data-migration/control/mailbox';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import { FIRST } from '../../lambda/data-migration/placement/placement';
import { migrate } from '../../lambda/shared/sql/migrations';
import type { Sql } from '../../lambda/shared/sql/sql';
import { insertAccount } from '../../lambda/users/accounts/repository';
import { usersMigrations } from '../../lambda/users/migrations';
import { bundle } from '../../lib/bundle';
import { type ConditionalS3, startConditionalS3 } from '../lambda/data-migration/conditional-s3';
import { mariaDb } from '../support/engines';
import { hasMariaDb } from '../support/mariadb';
import { Box } from './support';

/** The command of docs/deploy.md as it is typed on the box, with the very program of the release. */
(hasMariaDb() ? describe : describe.skip)('run.sh app staff.js, on the box', () => {
  const box = new Box();
  let schemas: Record<'box' | 'managed', Sql & { url: string }>;
  let s3: ConditionalS3;

  beforeAll(async () => {
    const engine = mariaDb();
    schemas = { box: await engine.open('users'), managed: await engine.open('users') };
    for (const sql of Object.values(schemas)) {
      await migrate(sql, usersMigrations);
      const account = { id: 'a', email: 'sam@example.com', name: 'Sam', passwordHash: '', createdAt: 0 };
      await insertAccount(sql, { ...account, role: 'customer' });
    }
    s3 = await startConditionalS3();
    await s3.createBucket('deployments');
    // The one thing that needs the box's user: becoming it.
    box.standIn('setpriv', 'while [[ $1 == --* ]]; do shift; done; exec "$@"');
    box.write('run/shop/shop.env', `USERS_DATABASE='${schemas.box.url}'\n`);
    // Alone: it loads no compiled package.
    copyFileSync(join(bundle().release('all'), 'staff.js'), box.write('opt/shop/current/staff.js', ''));
  });
  afterAll(() => box.remove());
  beforeEach(async () => {
    for (const sql of Object.values(schemas)) await sql.execute("UPDATE users SET role = 'customer'");
  });

  const run = (...args: string[]) =>
    box.run('run.sh', ['app', 'staff.js', ...args], {
      NODE: process.execPath,
      AWS_ENDPOINT_URL_S3: s3.config.endpoint,
    });

  const role = async (side: 'box' | 'managed') =>
    (await schemas[side].query<{ role: string }>('SELECT role FROM users'))[0]?.role;

  it('makes a registered person staff while the database of the box is the only one', async () => {
    expect(await run(' Sam@Example.com')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/staff now/),
    });
    expect(await role('box')).toBe('staff');
  });

  it('says what is wrong with what it is given', async () => {
    expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('Usage: node staff.js') });
    expect(await run('a@example.com', 'b')).toMatchObject({ code: 1 });
    expect(await run('nobody@example.com')).toMatchObject({
      code: 1,
      output: expect.stringContaining('"nobody@example.com": register with it in the shop first'),
    });
  });

  describe('with a second side', () => {
    const marker = () => s3Marker(s3.client, 'deployments');
    const mailbox = () => openMailbox(s3.client, 'deployments');

    beforeAll(() => {
      box.write(
        'opt/shop/current/settings.env',
        `PLACEMENT_BUCKET='deployments'\nMANAGED_USERS_DATABASE='${schemas.managed.url}'\n`,
      );
    });

    it('makes them staff where the data is: on the box until it is moved, then on the managed side', async () => {
      expect(await run('sam@example.com')).toMatchObject({ code: 0 });
      expect([await role('box'), await role('managed')]).toEqual(['staff', 'customer']);
      await schemas.box.execute("UPDATE users SET role = 'customer'");
      await marker().write({ ...FIRST, data: 'managed' }, await marker().read());
      expect(await run('sam@example.com')).toMatchObject({ code: 0 });
      expect([await role('box'), await role('managed')]).toEqual(['customer', 'staff']);
    });

    it('changes nothing while the data is being moved', async () => {
      await mailbox().ask({ id: '1', command: 'back' });
      expect(await run('sam@example.com')).toMatchObject({
        code: 1,
        output: expect.stringContaining('do this again when `npm run move` shows that it ended'),
      });
      expect([await role('box'), await role('managed')]).toEqual(['customer', 'customer']);
    });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { compiled } from '../../local/compiled';
import { eventually } from '../support/until';
import { command, folder, opened, ROOT, removeFolders, startShop, watched } from './shop-process';

afterAll(removeFolders);

const post = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

const eve = { name: 'Eve', email: 'eve@example.com', password: 'a long enough one' };

describe('npm start', () => {
  it('opens a stocked shop with pages, pictures and an API, and says where and how to stop', async () => {
    const shop = await startShop(join(folder(), 'data'));
    const { items } = (await (await fetch(`${shop.url}/api/products?limit=100`)).json()) as {
      items: { picture: string; available: number }[];
    };
    const pictures = await Promise.all(
      items.map(async ({ picture }) => (await fetch(shop.url + picture)).status),
    );
    const page = await fetch(shop.url);
    expect(await shop.stop()).toBe(0);

    expect(items).toHaveLength(36);
    expect(items.filter(({ available }) => available > 0)).toHaveLength(35);
    expect(new Set(pictures)).toEqual(new Set([200]));
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
    expect(shop.out()).toContain(shop.url);
    expect(shop.out()).toContain('Ctrl+C');
    expect(shop.out()).not.toContain('\u001b');
    expect(shop.err()).toBe('');
  });

  it.each([
    [3, 'Users++, for ten thousand users', 'standby'],
    [4, 'Users+++, for hundreds of thousands of users', 'replicas'],
    [6, 'Users+++++, for ten million users', 'replicas'],
  ])('lists in phase %i the servers that an embedded shop leaves out', async (phase, title, others) => {
    const data = join(folder(), 'data');
    const shop = await opened(command(['--port', '0', '--data', data, '--phase', String(phase)]));
    const { status } = await fetch(`${shop.url}/api/products`);
    expect(await shop.stop()).toBe(0);
    expect(status).toBe(200);
    expect(shop.out()).toContain(`Phase      ${phase}: ${title}\n`);
    expect(shop.out()).toMatch(
      new RegExp(`Left out {3}nginx, Aurora and its ${others}, S3, .+;\n +--servers adds`),
    );
    // There, paths are as short as they are without --data.
    const usual = shop.out().replaceAll(data, '.local').split('\n');
    expect(usual.filter((line) => line.length > 80)).toEqual([]);
  });

  it.each(['customer', 'staff'])('prints an account that can log in as %s', async (role) => {
    const shop = await startShop(join(folder(), 'data'));
    const [, email, password] = new RegExp(`(\\S+@\\S+) +(\\S+) +${role}`).exec(shop.out()) ?? [];
    const answer = (await (await post(`${shop.url}/api/sessions`, { email, password })).json()) as {
      user: object;
    };
    await shop.stop();
    expect(answer.user).toMatchObject({ email, role });
  });

  it('keeps acknowledged changes over a restart, and after a kill', async () => {
    const data = join(folder(), 'data');
    const first = await startShop(data);
    expect((await post(`${first.url}/api/users`, eve)).status).toBe(201);
    expect(await first.stop('SIGKILL')).toBe('SIGKILL');
    const second = await startShop(data);
    const { email, password } = eve;
    const known = await post(`${second.url}/api/sessions`, { email, password });
    expect(await second.stop('SIGINT')).toBe(0);
    expect(known.status).toBe(201);
    expect(first.out()).toContain('with sample products');
    expect(second.out()).not.toContain('with sample products');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'answers what is under way before it stops on %s',
    async (signal) => {
      const shop = await startShop(join(folder(), 'data'));
      const body = JSON.stringify(eve);
      const socket = connect(Number(new URL(shop.url).port), '127.0.0.1').setEncoding('utf8');
      const head = `POST /api/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(head + body.slice(0, 20));
      // Its answer shows that the shop has read the requests before it.
      await fetch(`${shop.url}/healthz`);
      shop.process.kill(signal);
      shop.process.kill(signal);
      while (!shop.out().includes('Stopping')) await once(shop.process.stdout ?? shop.process, 'data');
      socket.write(body.slice(20));
      const [answer] = await once(socket, 'data');
      socket.destroy();
      expect(answer).toMatch(/^HTTP\/1\.1 201 /);
      expect(await shop.ended()).toBe(0);
    },
  );

  it('stops with npm when npm gets the signal', async () => {
    const npm = watched(
      spawn('npm', ['start', '--silent', '--', '--port', '0', '--data', join(folder(), 'data')], {
        cwd: ROOT,
        detached: true,
      }),
    );
    const group = -(npm.process.pid ?? 0);
    try {
      const shop = await opened(npm);
      npm.process.kill('SIGTERM');
      // Not its streams' end, which a shop left behind would hold open.
      const [code] = await once(npm.process, 'exit');
      expect(await answers(shop.url)).toBe(false);
      expect(shop.out()).toContain('Stopping');
      expect(code).toBe(0);
    } finally {
      if (groupLives(group)) process.kill(group, 'SIGKILL');
    }
  });

  it('works with an output that takes nothing, and keeps its log bounded', async () => {
    const data = join(folder(), 'data');
    const output = openSync('/dev/full', 'w');
    const given = [...compiled('bin/local.ts'), '--port', '0', '--data', data];
    const shop = watched(spawn(process.execPath, given, { cwd: ROOT, stdio: ['ignore', output, 'pipe'] }));
    closeSync(output);
    try {
      const url = await eventually(async () => {
        const [found] = /http:\S+/.exec(readFileSync(join(data, 'running.txt'), 'utf8')) ?? [];
        if (!found) throw new Error(`It is not open: ${shop.err()}`);
        return found;
      });
      const long = `${url}/api/${'x'.repeat(15_000)}`;
      for (let round = 0; round < 35; round++) {
        await Promise.all(Array.from({ length: 20 }, async () => (await fetch(long)).text()));
      }
      await eventually(async () => expect(readdirSync(data)).toContain('shop.log.1'));
      // Copied first, then cut.
      await eventually(async () => expect(statSync(join(data, 'shop.log')).size).toBeLessThan(10_000_000));
    } finally {
      shop.process.kill('SIGTERM');
    }
    expect(await shop.ended()).toBe(0);
    expect(shop.err()).toBe('');
    expect(await command(['--reset', '--data', data]).ended()).toBe(0);
    expect(existsSync(data)).toBe(false);
  });

  it('starts over when the very first start was cut off', async () => {
    const data = folder();
    mkdirSync(join(data, 'fresh'));
    writeFileSync(join(data, 'fresh', 'users.db'), 'half a databa');
    const shop = await startShop(data);
    expect((await fetch(`${shop.url}/readyz`)).status).toBe(200);
    expect(await shop.stop()).toBe(0);
  });
});

describe('npm start says what is wrong, exits with 1 and damages nothing', () => {
  it('when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const data = join(folder(), 'data');
    const shop = command(['--port', String(port), '--data', data]);
    expect(await shop.ended()).toBe(1);
    other.close();
    expect(shop.err()).toBe(
      `Port ${port} is in use by another program. Use another one: npm start -- --port 8081.\n`,
    );
    const again = await startShop(data);
    expect(await again.stop()).toBe(0);
  });

  it('when another shop uses the folder, which then can neither be reset nor harmed', async () => {
    const data = join(folder(), 'data');
    const first = await startShop(data);
    const second = command(['--port', '0', '--data', data]);
    const reset = command(['--reset', '--data', data]);
    expect([await second.ended(), await reset.ended()]).toEqual([1, 1]);
    expect(second.err()).toContain(
      `Another shop is using ${data} (process ${first.process.pid}, ${first.url})`,
    );
    expect(reset.err()).toContain('Another shop is using');
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    expect(await first.stop()).toBe(0);
  });

  it('when a file is where the folder should be', async () => {
    const file = join(folder(), 'data');
    writeFileSync(file, 'precious');
    const shop = command(['--data', file]);
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toContain(`The data folder ${file} cannot be used: a file with that name exists`);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('when it may not write to the folder', async () => {
    const data = folder();
    chmodSync(data, 0o555);
    // root may write everywhere; the user `nobody` may not.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const shop = command(['--data', data], nobody);
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toContain(
      `The data folder ${data} cannot be used: this user has no permission to write there`,
    );
    expect(readdirSync(data)).toEqual([]);
  });

  it.each(['users.db', 'inventory.db'])(
    'when %s is damaged, and reset makes a new start possible',
    async (name) => {
      const data = join(folder(), 'data');
      await (await startShop(data)).stop();
      const file = join(data, 'shop', name);
      const damaged = readFileSync(file).fill(0x2a, 4096, 12_288);
      writeFileSync(file, damaged);
      const shop = command(['--port', '0', '--data', data]);
      expect(await shop.ended()).toBe(1);
      expect(shop.err()).toMatch(new RegExp(`^The database ${file} is damaged: .+ npm run reset`, 's'));
      expect(readFileSync(file).equals(damaged)).toBe(true);

      expect(await command(['--reset', '--data', data]).ended()).toBe(0);
      const again = await startShop(data);
      expect(await again.stop()).toBe(0);
    },
  );

  it.each(['users.db', 'inventory.db'])(
    'when %s is empty or missing, which is no empty shop',
    async (name) => {
      const data = join(folder(), 'data');
      await (await startShop(data)).stop();
      const file = join(data, 'shop', name);
      writeFileSync(file, '');
      const empty = command(['--port', '0', '--data', data]);
      expect(await empty.ended()).toBe(1);
      expect(empty.err()).toContain(
        `The database ${file} is damaged: it is empty, without the tables of a shop.`,
      );
      expect(readFileSync(file)).toHaveLength(0);
      rmSync(file);
      const without = command(['--port', '0', '--data', data]);
      expect(await without.ended()).toBe(1);
      expect(without.err()).toContain(`The database ${file} is damaged: it is missing.`);
      expect(existsSync(file)).toBe(false);
    },
  );

  it.each([['--port', 'http'], ['--port', '70000'], ['--prot', '1'], ['stray']])(
    'when given %s %s',
    async (...args) => {
      const shop = command(args.filter(Boolean));
      expect(await shop.ended()).toBe(1);
      expect(shop.err()).toMatch(/--port|Unknown option|Unexpected argument/);
      expect(shop.err()).not.toContain('    at ');
    },
  );
});

describe('npm start, when its data is lost while it runs', () => {
  it.each([
    ['the data folder is deleted', (data: string) => rmSync(data, { recursive: true })],
    ['the data folder is moved', (data: string) => renameSync(data, `${data}-moved`)],
    ['a database is deleted', (data: string) => rmSync(join(data, 'shop', 'users.db'))],
  ])('acknowledges nothing more when %s, says so, and ends', async (_, lose) => {
    const data = join(folder(), 'data');
    const shop = await startShop(data);
    lose(data);
    const registered = await post(`${shop.url}/api/users`, eve).catch(() => ({ status: 0 }));
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toMatch(/^.+ was deleted, moved or replaced while the shop ran on it, .+\n$/);
    expect(registered.status).not.toBe(201);
  });

  it('ends when its lock is deleted, since another shop could begin on the same data', async () => {
    const data = join(folder(), 'data');
    const shop = await startShop(data);
    rmSync(join(data, 'lock'));
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toContain(`${join(data, 'lock')} was deleted`);
    const again = await startShop(data);
    expect(await again.stop()).toBe(0);
  });

  it('leaves alone the shop that was started in the place of the deleted one', async () => {
    const data = join(folder(), 'data');
    const first = await startShop(data);
    rmSync(data, { recursive: true });
    const second = await startShop(data);
    expect(await first.ended()).toBe(1);
    expect(readFileSync(join(data, 'running.txt'), 'utf8')).toContain(second.url);
    expect((await post(`${second.url}/api/users`, eve)).status).toBe(201);
    expect(await second.stop()).toBe(0);
  });
});

describe('npm run reset', () => {
  it('removes what the shop put into the folder, says so, and leaves what it did not', async () => {
    const data = folder();
    await (await startShop(data)).stop();
    writeFileSync(join(data, 'mine.txt'), 'precious');
    const reset = command(['--reset', '--data', data]);
    expect(await reset.ended()).toBe(0);
    expect(reset.out()).toBe(`Removed:\n  ${join(data, 'shop')}\n  ${join(data, 'shop.log')}\n`);
    expect(readdirSync(data)).toEqual(['mine.txt']);
  });

  it('says when there is nothing to remove', async () => {
    const data = join(folder(), 'data');
    const reset = command(['--reset', '--data', data]);
    expect(await reset.ended()).toBe(0);
    expect(reset.out()).toBe(`Nothing to remove in ${data}\n`);
    expect(existsSync(data)).toBe(false);
  });
});

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

function groupLives(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}

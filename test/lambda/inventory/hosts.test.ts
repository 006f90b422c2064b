import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { migrate } from '../../../lambda/shared/migrations';
import { SETTING } from '../../../lambda/shared/settings';
import { engines } from '../../support/engines';
import { MUG } from './shop';

const TOKEN = 'a-session-token-of-staff';
const ROOT = join(__dirname, '../../..');
const [engine] = engines();
if (!engine) throw new Error('There is always SQLite');

/** Answers as the user service does. */
const users = createServer((incoming, outgoing) => {
  const known = incoming.url === '/api/users/me' && incoming.headers.authorization === `Bearer ${TOKEN}`;
  outgoing.writeHead(known ? 200 : 401, { 'Content-Type': 'application/json' });
  outgoing.end(
    known ? JSON.stringify({ id: 'somebody', email: 'a@b.example', name: 'A', role: 'staff' }) : '{}',
  );
});

let settings: Record<string, string>;
beforeAll(async () => {
  const sql = await engine.open('inventory');
  await migrate(sql, inventoryMigrations);
  await sql.close();
  await once(users.listen(0, '127.0.0.1'), 'listening');
  settings = {
    [SETTING.inventoryDatabase]: sql.url,
    [SETTING.media]: `file:${mkdtempSync(join(tmpdir(), 'shop-media-'))}`,
    [SETTING.usersUrl]: `http://127.0.0.1:${(users.address() as AddressInfo).port}`,
  };
});
afterAll(async () => {
  users.closeAllConnections();
  users.close();
  await engine.stop();
});

describe('the server', () => {
  test('serves in a process of its own, asks the user service who somebody is, and stops when told to', async () => {
    const port = await freePort();
    const server = spawn(process.execPath, ['--import', 'tsx', 'lambda/inventory/server.ts'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...settings, [SETTING.port]: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const origin = `http://127.0.0.1:${port}`;
      await answering(`${origin}/readyz`);
      const post = (token: string) =>
        fetch(`${origin}/api/products`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          body: JSON.stringify(MUG),
        });
      expect((await post(TOKEN)).status).toBe(201);
      expect((await post('a-token-of-nobody-at-all')).status).toBe(401);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await once(server, 'exit')).toEqual([0, null]);
  });

  test('says which setting is missing and ends with 1', async () => {
    const server = spawn(process.execPath, ['--import', 'tsx', 'lambda/inventory/server.ts'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH },
    });
    let said = '';
    server.stdout.on('data', (chunk) => {
      said += chunk;
    });
    expect(await once(server, 'close')).toEqual([1, null]);
    expect(said).toContain(`The setting ${SETTING.usersUrl} is missing`);
  });
});

describe('the Lambda function', () => {
  const context = {} as never;
  let handler: typeof import('../../../lambda/inventory/handler').handler;
  beforeAll(async () => {
    Object.assign(process.env, settings);
    ({ handler } = await import('../../../lambda/inventory/handler'));
  });
  afterAll(() => {
    for (const name of Object.keys(settings)) delete process.env[name];
  });

  test('answers a load balancer', async () => {
    const event = {
      httpMethod: 'GET',
      path: '/api/products',
      headers: { host: 'shop.example' },
      queryStringParameters: { limit: '1' },
      body: '',
      isBase64Encoded: false,
      requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:x' } },
    };
    const answer = await handler(event as never, context);
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(JSON.parse((answer as { body: string }).body).items).toHaveLength(1);
  });

  test('answers a function URL, and knows who asks', async () => {
    const event = (token: string) => ({
      version: '2.0',
      rawPath: '/api/reservations',
      rawQueryString: '',
      headers: { host: 'shop.example', authorization: `Bearer ${token}` },
      body: null,
      isBase64Encoded: false,
      requestContext: { http: { method: 'GET', path: '/api/reservations' }, domainName: 'shop.example' },
    });
    expect(await handler(event(TOKEN) as never, context)).toMatchObject({
      statusCode: 200,
      body: '{"items":[]}',
    });
    expect(await handler(event('a-token-of-nobody-at-all') as never, context)).toMatchObject({
      statusCode: 401,
    });
  });
});

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (attempt === 200) throw new Error(`${url} does not answer`);
    await sleep(50);
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { serve } from '../../../lambda/shared/http/serve';
import { createRpcServer } from '../../../lambda/shared/rpc/server';
import { usersContract } from '../../../lambda/shared/rpc/users-contract';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { compiled } from '../../../local/compiled';
import { freePort } from '../../../local/servers/free-port';
import { cleanup } from '../../support/cleanup';
import { engines } from '../../support/engines';
import { until } from '../../support/until';
import { MUG } from './shop';

const TOKEN = 'a-session-token-of-staff';
const ROOT = join(__dirname, '../../..');
const [engine] = engines();
if (!engine) throw new Error('There is always SQLite');

const log = pino({ level: 'silent' });
/** Answers as the user service does. */
const users = createRpcServer(
  usersContract,
  {
    identify: async ({ token }) => ({
      identity: token === TOKEN ? ({ userId: 'somebody', role: 'staff' } as const) : undefined,
    }),
    names: async () => ({ names: {} }),
    document: async () => ({ document: '{}' }),
  },
  { role: 'all', log },
);

let settings: Record<string, string>;
beforeAll(async () => {
  const sql = await engine.open('inventory');
  await migrate(sql, inventoryMigrations);
  await sql.close();
  const { port, stop } = await serve({ fetch: users, log, port: 0 });
  cleanup(stop);
  settings = {
    [SETTING.inventoryDatabase]: sql.url,
    [SETTING.media]: `file:${mkdtempSync(join(tmpdir(), 'shop-media-'))}`,
    [SETTING.usersRpcUrl]: `http://127.0.0.1:${port}`,
  };
});

describe('the server', () => {
  test('serves in a separate process, asks the user service for identities, and stops on SIGTERM', async () => {
    const port = await freePort();
    const server = spawn(process.execPath, compiled('lambda/hosts/server.ts'), {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        [SETTING.shopServices]: 'inventory',
        ...settings,
        [SETTING.port]: String(port),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanup(() => server.kill('SIGKILL'));
    const origin = `http://127.0.0.1:${port}`;
    await until(() =>
      fetch(`${origin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    const post = (token: string) =>
      fetch(`${origin}/api/products`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(MUG),
      });
    expect((await post(TOKEN)).status).toBe(201);
    expect((await post('a-token-of-nobody-at-all')).status).toBe(401);
    const exited = once(server, 'exit');
    server.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  test('says which setting is missing and ends with 1', async () => {
    const server = spawn(process.execPath, compiled('lambda/hosts/server.ts'), {
      cwd: ROOT,
      env: { PATH: process.env.PATH, [SETTING.shopServices]: 'inventory' },
    });
    let said = '';
    server.stdout.on('data', (chunk) => {
      said += chunk;
    });
    expect(await once(server, 'close')).toEqual([1, null]);
    expect(said).toContain(`The environment variable ${SETTING.usersRpcUrl} is required`);
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

  test('answers a function URL, and identifies the user', async () => {
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

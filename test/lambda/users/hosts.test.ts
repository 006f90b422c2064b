import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import { usersMigrations } from '../../../lambda/users/migrations';
import { compiled } from '../../../local/compiled';
import { cleanup } from '../../support/cleanup';
import { PASSWORD } from './support';

const folder = mkdtempSync(join(tmpdir(), 'shop-users-'));
const database = `file:${join(folder, 'users.db')}`;
const account = { email: 'ada@example.com', password: PASSWORD, name: 'Ada' };

beforeAll(async () => {
  const sql = await openSql(database);
  await migrate(sql, usersMigrations);
  await sql.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the users server', () => {
  const start = (env: Record<string, string>) => {
    const server = spawn(process.execPath, compiled('lambda/hosts/server.ts'), {
      env: { PATH: process.env.PATH, SHOP_SERVICES: 'users', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanup(() => server.kill('SIGKILL'));
    return server;
  };

  it('serves on Node, tells clients by their address behind a proxy, and ends with exit code 0 on SIGTERM', async () => {
    const server = start({ USERS_DATABASE: database, PORT: '0' });
    const exited = once(server, 'exit');
    const url = `http://127.0.0.1:${await portOf(server)}`;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const post = (path: string, body: unknown, from: string) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
        body: JSON.stringify(body),
      });
    expect((await post('/api/users', account, '203.0.113.1')).status).toBe(201);
    const wrong = { email: account.email, password: 'wrong' };
    const from = (address: string) => post('/api/sessions', wrong, address).then(({ status }) => status);
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push(await from('203.0.113.66'));
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    expect(await from('made up, 203.0.113.66')).toBe(429);
    expect(await from('203.0.113.67')).toBe(401);
    server.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
  });

  it('ends with exit code 1 and the name of the setting that is missing', async () => {
    const server = start({});
    const exited = once(server, 'exit');
    const lines = await linesOf(server);
    expect(lines.join()).toContain('USERS_DATABASE');
    expect((await exited)[0]).toBe(1);
  });
});

describe('the users function', () => {
  const context = {} as Parameters<typeof import('../../../lambda/users/handler').handler>[1];
  const load = async () => {
    process.env.USERS_DATABASE = database;
    return (await import('../../../lambda/users/handler')).handler;
  };

  it('answers events of a load balancer and of a function URL', async () => {
    const handler = await load();
    const body = JSON.stringify({ ...account, email: 'lambda@example.com' });
    const headers = {
      'content-type': 'application/json',
      host: 'shop.example',
      'x-forwarded-proto': 'https',
    };
    const elb = { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/users/1' };
    const created = await handler(
      {
        httpMethod: 'POST',
        path: '/api/users',
        headers: { ...headers, 'x-forwarded-for': '203.0.113.5' },
        queryStringParameters: {},
        body,
        isBase64Encoded: false,
        requestContext: { elb },
      },
      context,
    );
    expect(created.statusCode).toBe(201);
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/api/sessions',
      rawQueryString: '',
      headers,
      body,
      isBase64Encoded: false,
      requestContext: {
        domainName: 'shop.example',
        http: {
          method: 'POST',
          path: '/api/sessions',
          protocol: 'HTTP/1.1',
          sourceIp: '203.0.113.5',
          userAgent: '',
        },
      },
    } as unknown as Parameters<typeof handler>[0];
    const refused = await handler(event, context);
    expect(refused.statusCode).toBe(400);
    const credentials = JSON.stringify({ email: 'lambda@example.com', password: PASSWORD });
    const loggedIn = await handler({ ...event, body: credentials } as typeof event, context);
    expect(loggedIn.statusCode).toBe(201);
    expect(loggedIn.cookies).toEqual([
      expect.stringMatching(/^__Host-session=/),
      expect.stringMatching(/^__Host-device=/),
    ]);
  });
});

async function portOf(server: ChildProcess): Promise<number> {
  for await (const line of readLines(server)) {
    const { port, msg } = JSON.parse(line);
    if (port) return port;
    throw new Error(`The server said "${msg}" instead of its port`);
  }
  throw new Error('The server ended before it listened');
}

async function linesOf(server: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(server)) lines.push(line);
  return lines;
}

function readLines({ stdout }: ChildProcess) {
  if (!stdout) throw new Error('The output of the server is not a pipe');
  return createInterface({ input: stdout });
}

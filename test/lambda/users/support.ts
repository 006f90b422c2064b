import { Writable } from 'node:stream';
import { createLog } from '../../../lambda/shared/runtime/log';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../lambda/users/migrations';
import { createPasswords, type Passwords } from '../../../lambda/users/passwords';
import { createUsers, type Users, type UsersOptions } from '../../../lambda/users/service';
import { emptiedSchema } from '../../support/emptied-schema';
import type { Engine } from '../../support/engines';
import { conforming } from '../../support/openapi-conformance';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const PASSWORD = 'correct horse battery';

/** argon2id as in production, at a hundredth of its cost. */
export const cheapPasswords = (): Passwords =>
  createPasswords({ memoryCost: 64, timeCost: 1, parallelism: 1 });

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect; that it matches its schema is checked
  readonly body: any;
  readonly headers: Headers;
}

interface Asking {
  readonly body?: unknown;
  readonly token?: string;
  readonly cookie?: string;
  /** The client's address. */
  readonly from?: string;
  readonly headers?: Record<string, string>;
}

export interface Shop {
  readonly users: Users;
  readonly sql: Sql;
  /** Every line that was logged. */
  readonly lines: string[];
  /** Lets time pass. */
  pass(ms: number): void;
  /** Calls the API and fails if the answer does not conform to the OpenAPI document. */
  ask(method: string, path: string, asking?: Asking): Promise<Answer>;
  register(email: string, password?: string): Promise<{ id: string }>;
  /** Registers and logs in. */
  join(email: string): Promise<Member>;
  logIn(email: string, asking?: Asking, password?: string): Promise<Answer>;
}

interface Member {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly cookies: string;
}

/** The service on emptied tables of the engine, unless it is given others. */
export async function openShop(
  engine: Engine,
  options: Partial<UsersOptions> & { readonly sql?: Sql } = {},
): Promise<Shop> {
  const sql = options.sql ?? (await emptiedSchema(engine, 'users', usersMigrations));
  let time = Date.parse('2030-01-01T00:00:00Z');
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const users = createUsers({
    log: createLog(stream),
    passwords: cheapPasswords(),
    now: () => time,
    clientIp: (c) => c.req.header('x-test-from') ?? '192.0.2.1',
    ...options,
    sql,
  });

  const request = conforming(users.app.request, '/api/users/openapi.json');
  const ask: Shop['ask'] = async (method, path, { body, token, cookie, from, headers } = {}) => {
    const response = await request(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(cookie === undefined ? {} : { cookie }),
        ...(from === undefined ? {} : { 'x-test-from': from }),
        ...headers,
      },
      body: typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? undefined : asJson(text),
      headers: response.headers,
    };
  };

  const logIn: Shop['logIn'] = (email, asking = {}, password = PASSWORD) =>
    ask('POST', '/api/sessions', { ...asking, body: { email, password } });

  const register: Shop['register'] = async (email, password = PASSWORD) => {
    const { status, body } = await ask('POST', '/api/users', {
      body: { email, password, name: 'Ada Lovelace' },
    });
    expect(status).toBe(201);
    return body;
  };

  return {
    users,
    sql,
    lines,
    pass: (ms) => {
      time += ms;
    },
    ask,
    register,
    logIn,
    join: async (email) => {
      const { id } = await register(email);
      const { body, headers } = await logIn(email);
      return { id, email, token: body.token, cookies: cookiesOf(headers) };
    },
  };
}

/** The Cookie header that a browser sends back. */
export function cookiesOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

export function cookieNamed(name: string, headers: Headers): string {
  const found = headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
  if (found === undefined) throw new Error(`No cookie ${name} among ${headers.getSetCookie().join(' | ')}`);
  return found;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

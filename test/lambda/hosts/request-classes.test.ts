import { readFileSync } from 'node:fs';
import { requestClassOf } from '../../../lambda/hosts/request-classes';

const CLASSES = [
  ['POST', '/api/sessions', 'log-in'],
  ['POST', '/api/sessions?from=cart', 'log-in'],
  ['POST', '/api/reservations/0193-7/confirm', 'critical'],
  ['POST', '/api/reservations/0193-7/release', 'critical'],
  ['POST', '/api/reservations', 'write'],
  ['POST', '/api/sessions/current/seen', 'write'],
  ['DELETE', '/api/sessions/current', 'write'],
  ['POST', '/api/users', 'write'],
  ['PUT', '/api/products/1?x=/confirm', 'write'],
  ['GET', '/api/products', 'read'],
  ['HEAD', '/api/products/1', 'read'],
  ['GET', '/api/sessions', 'read'],
  ['GET', '/healthz?', undefined],
  ['GET', '/readyz', undefined],
  ['GET', '/healthz/api', 'read'],
  ['BREW', 'http://elsewhere/api/sessions', 'write'],
] as const;

test.each(CLASSES)('%s %s is %s', (method, target, expected) => {
  const authorization = `Bearer ${'a'.repeat(43)}`;
  expect(requestClassOf(method, target, { authorization })).toBe(expected);
});

test('a call of another service is as important as the request that caused it', () => {
  const classOf = (target: string) => requestClassOf('POST', target, {});
  expect(classOf('/rpc/users.identify?urgent')).toBe('critical');
  expect(classOf('/rpc/users.identify')).toBe('read');
  expect(classOf('/rpc/inventory.forgetUser')).toBe('write');
});

test.each([
  [{}, 'write'],
  [{ authorization: 'Bearer short' }, 'write'],
  [{ cookie: 'theme=dark; mysession=1' }, 'write'],
  [{ cookie: 'theme=dark; session=a' }, 'critical'],
  [{ cookie: '__Host-session=a' }, 'critical'],
] as const)(
  'a confirmation with %j is %s: nobody takes the place of a buyer without a session',
  (headers, expected) => {
    expect(requestClassOf('POST', '/api/reservations/0193-7/confirm', headers)).toBe(expected);
  },
);

test.each(['box', 'web'])('the nginx of %s has the same idea of critical requests', (host) => {
  const nginx = readFileSync(`lib/compute/${host}/host/nginx/nginx.conf`, 'utf8');
  const critical = new RegExp(/"~(\^.*)" critical;/.exec(nginx)?.[1] ?? '');
  const isCritical = ([method, target]: (typeof CLASSES)[number]) =>
    critical.test(`${method} ${target.split('?')[0]}`);
  expect(CLASSES.filter(isCritical)).toEqual(CLASSES.filter(([, , given]) => given === 'critical'));
});

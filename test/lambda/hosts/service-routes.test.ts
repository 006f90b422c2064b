import { RPC_ROUTES, SERVICE_ROUTES, serviceOf } from '../../../lambda/hosts/service-routes';

test.each([
  ['/api/users', 'users'],
  ['/api/users/me/email', 'users'],
  ['/api/sessions/current', 'users'],
  ['/api/products', 'inventory'],
  ['/api/reservations/1/confirm', 'inventory'],
  ['/api/inventory/openapi.json', 'inventory'],
  ['/readyz', 'inventory'],
  ['/', 'inventory'],
])('%s belongs to %s', (path, service) => {
  expect(serviceOf(path)).toBe(service);
});

test('patterns are prefixes, and fit into a rule with two methods', () => {
  for (const { paths } of SERVICE_ROUTES) {
    expect(paths.filter((path) => !/^[^*?]+\*$/.test(path))).toEqual([]);
    expect(paths.length + 2).toBeLessThanOrEqual(5);
  }
});

test('calls go to one group each, by name', () => {
  expect(RPC_ROUTES).toEqual([
    {
      service: 'users',
      access: 'read',
      paths: ['/rpc/users.identify', '/rpc/users.names', '/rpc/users.document'],
    },
    { service: 'inventory', access: 'read', paths: ['/rpc/inventory.signingKeys'] },
    { service: 'inventory', access: 'write', paths: ['/rpc/inventory.forgetUser'] },
  ]);
});

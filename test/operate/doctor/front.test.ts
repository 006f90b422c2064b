import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { generate } from 'selfsigned';
import { lookAtFront } from '../../../operate/doctor/front';
import { cleanup } from '../../support/cleanup';

test('the certificate of an address is read, trusted or not', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const server = createServer({ key, cert }).listen(0, '127.0.0.1');
  cleanup(() => server.close());
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const front = await lookAtFront(url);
  expect(front).toEqual({
    url,
    certificate: { distrusted: 'DEPTH_ZERO_SELF_SIGNED_CERT', validUntil: expect.any(Date) },
  });
  expect(front.certificate?.validUntil.getTime()).toBeGreaterThan(Date.now());
});

test('an address without TLS has no certificate', async () => {
  expect(await lookAtFront('http://localhost:1/')).toEqual({
    url: 'http://localhost:1/',
    certificate: undefined,
  });
});

test('nobody at the address is an error with its reason', async () => {
  await expect(lookAtFront('https://127.0.0.1:1/')).rejects.toThrow('ECONNREFUSED');
});

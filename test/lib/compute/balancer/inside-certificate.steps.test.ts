import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer } from 'node:tls';
import {
  insideName,
  type MadeCertificate,
  makeCertificate,
} from '../../../../lib/compute/balancer/inside-certificate.steps';

let made: MadeCertificate;
beforeAll(async () => {
  made = await makeCertificate(insideName);
});

test('is for one name, for servers, on P-256, for ten years', () => {
  const certificate = new X509Certificate(made.certificate);
  expect(certificate.subjectAltName).toBe('DNS:app.shop.internal');
  expect(certificate.ca).toBe(false);
  // The OID of "TLS web server authentication".
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  const years =
    new Date(certificate.validTo).getUTCFullYear() - new Date(certificate.validFrom).getUTCFullYear();
  expect(years).toBe(10);
});

test('a client that pins it accepts its server under its name only, and no other server', async () => {
  const other = await makeCertificate(insideName);
  const server = createServer({ cert: made.certificate, key: made.key });
  server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const trusted = (servername: string, ca: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connectTls({ socket: connect(port, '127.0.0.1'), servername, ca }, () => resolve(true));
      socket.on('error', () => resolve(false)).on('secure', () => socket.end());
    });
  expect(await trusted(insideName, made.certificate)).toBe(true);
  expect(await trusted('shop.example.com', made.certificate)).toBe(false);
  expect(await trusted(insideName, other.certificate)).toBe(false);
  server.close();
});

test('the web servers expect this name', () => {
  const nginx = join(__dirname, '../../../../lib/compute/web/host/nginx/nginx.conf');
  expect(readFileSync(nginx, 'utf8')).toContain(`proxy_ssl_name ${insideName};`);
});

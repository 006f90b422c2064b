import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql } from '../../../../lambda/shared/sql/mysql';
import { rdsTls, type Tls } from '../../../../lambda/shared/sql/rds-tls';
import { freePort } from '../../../../local/servers/free-port';
import { cleanup } from '../../../support/cleanup';
import { answering, type DatabaseServer } from '../../../support/database-server';
import { describeServers } from '../../../support/engines';

test('knows authorities of RDS that are valid for years', () => {
  const certificates = rdsTls.ca.map((pem) => new X509Certificate(pem));
  const years = Date.now() + 2 * 365 * 24 * 3600_000;
  const lasting = certificates.filter(({ validTo }) => Date.parse(validTo) > years);
  expect(
    lasting.filter(({ subject }) => /Amazon RDS us-east-1 Root CA RSA2048 G1/.test(subject)),
  ).toHaveLength(1);
  expect(certificates.every(({ ca }) => ca)).toBe(true);
});

describeServers('a connection to a server that offers TLS', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-tls-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  let port = 0;
  let server: DatabaseServer;
  let trusted: Tls;

  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });

  /** The server's certificate, signed by the authority of this test. */
  function certify(name: string): void {
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    openssl('req', '-new', ...newKey, ...names, '-keyout', 'key.pem', '-out', 'request');
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copyall'];
    openssl('x509', '-req', '-in', 'request', ...signed, '-out', 'certificate.pem');
  }

  beforeAll(async () => {
    port = await freePort();
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=A test authority',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    certify('localhost');
    trusted = { ca: [readFileSync(join(folder, 'ca.pem'), 'utf8')], verifyIdentity: true };
    server = engine.launch(
      ...['--skip-networking=OFF', '--bind-address=127.0.0.1', `--port=${port}`],
      ...[`--ssl-cert=${folder}/certificate.pem`, `--ssl-key=${folder}/key.pem`],
      '--require-secure-transport=ON',
    );
    await answering(server.socket);
  });

  const connect = async (host: string, tls?: Tls) => {
    const sql = openMysql(`mysql://root@${host}:${port}/mysql`, tls);
    try {
      return await sql.query("SHOW STATUS LIKE 'Ssl_version'");
    } finally {
      await sql.close();
    }
  };

  test('is encrypted when the authority is known and the name is right', async () => {
    expect(await connect('localhost', trusted)).toEqual([
      { Variable_name: 'Ssl_version', Value: expect.stringMatching(/^TLSv1\.[23]$/) },
    ]);
  });

  test('is refused by us when the authority is not one of RDS', async () => {
    await expect(connect('localhost', rdsTls)).rejects.toThrow(/certificate/);
  });

  test('is refused by the server without TLS', async () => {
    await expect(connect('localhost')).rejects.toThrow(/denied|insecure/);
  });

  test('is refused by us when the server has another name', async () => {
    certify('other.example');
    await server.kill();
    await server.restart();
    await expect(connect('localhost', trusted)).rejects.toThrow(/altnames.*other\.example/);
  });
});

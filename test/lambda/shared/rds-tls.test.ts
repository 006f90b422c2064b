import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { openMysql } from '../../../lambda/shared/mysql';
import { rdsTls, type Tls } from '../../../lambda/shared/rds-tls';
import { answering, hasMariaDb } from '../../support/mariadb';

test('knows authorities of RDS that are valid for years', () => {
  const certificates = rdsTls.ca.map((pem) => new X509Certificate(pem));
  const years = Date.now() + 2 * 365 * 24 * 3600_000;
  const lasting = certificates.filter(({ validTo }) => Date.parse(validTo) > years);
  expect(
    lasting.filter(({ subject }) => /Amazon RDS us-east-1 Root CA RSA2048 G1/.test(subject)),
  ).toHaveLength(1);
  expect(certificates.every(({ ca }) => ca)).toBe(true);
});

(hasMariaDb() ? describe : describe.skip)('a connection to a MariaDB that offers TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-tls-'));
  let port = 0;
  let server: ChildProcess;
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
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    const where = ['--no-defaults', `--datadir=${folder}/data`, ...user];
    execFileSync(
      'mariadb-install-db',
      [...where, '--auth-root-authentication-method=normal', '--skip-test-db'],
      { stdio: 'ignore' },
    );
    const tls = ['ssl-cert=certificate.pem', 'ssl-key=key.pem'].map(
      (option) => `--${option.replace('=', `=${folder}/`)}`,
    );
    const reach = [
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${folder}/sock`,
      `--pid-file=${folder}/pid`,
    ];
    server = spawn('/usr/sbin/mariadbd', [...where, ...reach, ...tls, '--require-secure-transport=ON'], {
      stdio: 'ignore',
    });
    await answering(`${folder}/sock`);
  });
  afterAll(async () => {
    const exited = once(server, 'exit');
    server.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
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
    const admin = await createConnection({ socketPath: `${folder}/sock`, user: 'root' });
    await admin.query('FLUSH SSL');
    await admin.end();
    await expect(connect('localhost', trusted)).rejects.toThrow(/altnames.*other\.example/);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityFrom } from '../../../lambda/hosts/authority';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

test('a setting names a file with a certificate, or holds one where there are no files', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'shop-pem-')), 'inside.pem');
  writeFileSync(file, PEM);
  expect(await authorityFrom(file)).toBe(PEM);
  expect(await authorityFrom(PEM)).toBe(PEM);
  expect(await authorityFrom(undefined)).toBeUndefined();
});

test('a file that is not there is an error', async () => {
  await expect(authorityFrom('/nowhere/inside.pem')).rejects.toThrow('/nowhere/inside.pem');
});

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../../lib/phases';
import { binariesOf } from '../../../local/servers/binaries';
import { folder, removeFolders } from '../shop-process';

afterAll(removeFolders);

const [singleBox, , tiers, cached] = phases;
if (!singleBox || !tiers || !cached) throw new Error('There are four phases at least');

/** A folder for PATH that has these programs. */
function having(...programs: string[]): string {
  const path = folder();
  for (const program of programs) symlinkSync(process.execPath, join(path, program));
  return path;
}

describe('the programs of --servers', () => {
  it('are found on the PATH, nginx from phase 3', () => {
    const [databases, web] = [having('mariadbd', 'mariadb-install-db'), having('nginx')];
    expect(binariesOf(singleBox, databases).mariaDb.server).toBe(join(databases, 'mariadbd'));
    expect(binariesOf(tiers, `${databases}:${web}`).nginx).toBe(join(web, 'nginx'));
  });

  it.each([
    ['valkey-server', ['valkey-server', 'redis-server']],
    ['redis-server', ['redis-server']],
  ])('serve the cache with %s where there is %j', (used, programs) => {
    const path = having('mariadbd', 'mariadb-install-db', 'nginx', ...programs);
    expect(binariesOf(cached, path).cache).toBe(join(path, used));
  });

  it.each([
    [['mariadbd', 'mariadb-install-db'], 'needs nginx, and nginx is not', 'install nginx-light.'],
    [['nginx', 'mariadbd'], 'needs MariaDB, and mariadb-install-db is not', 'install mariadb-server.'],
    [
      [],
      'needs MariaDB and nginx, and mariadbd, mariadb-install-db and nginx are not',
      'install mariadb-server nginx-light.',
    ],
  ])('when there are %j, the packages of all others are named', (programs, missing, install) => {
    const look = () => binariesOf(tiers, having(...programs));
    expect(look).toThrow(missing);
    expect(look).toThrow(install);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { targetOf } from '../../../lambda/shared/cache/open';
import { createServers } from '../../../local/servers/processes';
import { hasTls, startCache } from '../../../local/servers/valkey';
import { cleanup } from '../../support/cleanup';
import { serversOf } from '../phase-servers';

const found = serversOf(4);

(found ? describe : describe.skip)('the cache of npm start -- --servers', () => {
  async function started() {
    if (!found) throw new Error('There is no cache');
    const home = mkdtempSync(join(tmpdir(), 'shop-cache-'));
    cleanup(() => rmSync(home, { recursive: true, force: true }));
    const servers = createServers(join(home, 'running.json'), new Promise(() => undefined));
    cleanup(() => servers.stop());
    return startCache({ servers, home, binaries: found.mariaDb, say: () => undefined }, found.cache);
  }
  const pinged = async (socket: object, password?: string) => {
    const client = createClient({
      socket: { ...socket, reconnectStrategy: false },
      ...(password && { password }),
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.ping();
    } finally {
      client.destroy();
    }
  };

  it('is reached over TLS with its own certificate and its password, and in no other way', async () => {
    expect(hasTls(found?.cache ?? '')).toBe(true);
    const { url, port } = await started();
    const { host, tls, credentials } = await targetOf(url);
    const { password } = (await credentials?.()) ?? {};
    const overTls = { host, port, tls: true, servername: host, ...(tls as { ca: string }) };

    expect(await pinged(overTls, password)).toBe('PONG');
    await expect(pinged(overTls)).rejects.toThrow('NOAUTH');
    await expect(pinged({ ...overTls, ca: undefined }, password)).rejects.toThrow('self-signed certificate');
    await expect(pinged({ host, port }, password)).rejects.toThrow();
  });
});

import { existsSync } from 'node:fs';
import { insideName } from '../../lib/compute/balancer/inside-certificate.steps';
import { ROOM, roomSettings } from '../../lib/compute/web/room';
import { certificateFor, describeWith, freePorts, TierHost } from './support';

describeWith('nginx', 'openssl')('app-servers.sh', () => {
  let host: TierHost;

  beforeEach(async () => {
    host = new TierHost('web', { ROLE: 'web', APP_BALANCER: 'app.internal', ...roomSettings() });
    const pair = certificateFor(insideName);
    host.write('etc/shop/tls/inside.pem', pair.certificate);
    host.write('etc/shop/tls/current/certificate.pem', pair.certificate);
    host.write('etc/shop/tls/current/key.pem', pair.key);
    const [port = 0] = await freePorts(1);
    // Checked by the real nginx, of which no process runs.
    const conf = host.nginx(port);
    host.standIn('nginx', `PATH=\${PATH#*:} exec nginx -c ${conf} "$@"`);
    host.standIn('systemctl', 'echo "$*" >>"$ROOT/systemctl"');
    host.standIn('nproc', 'echo 2');
  });
  afterEach(() => host.remove());

  /** Output of the resolver for the balancer's name, three lines an address. */
  const resolve = (...addresses: string[]) => {
    const lines = addresses.flatMap((address) => [
      `${address}     STREAM app.internal`,
      `${address}     DGRAM`,
      `${address}     RAW`,
    ]);
    host.standIn('getent', lines.length > 0 ? `cat <<'LINES'\n${lines.join('\n')}\nLINES` : 'exit 2');
  };
  const run = () => host.run('app-servers.sh');
  const servers = (pool = 'read') => host.read(`etc/shop/web/${pool}.servers`);
  const addresses = () => [...servers().matchAll(/server (\S+):443 /g)].map(([, address]) => address);
  const told = () =>
    existsSync(host.path('systemctl')) ? host.read('systemctl').trim().split('\n').length : 0;

  it('gives the addresses of the balancer to nginx, once', async () => {
    resolve('10.0.65.9', '10.0.64.7');
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('10.0.64.7 10.0.65.9') });
    expect(servers()).toBe(
      'server 10.0.64.7:443 max_fails=0 max_conns=32;\nserver 10.0.65.9:443 max_fails=0 max_conns=32;\n',
    );
    expect(host.read('systemctl')).toBe('try-reload-or-restart nginx.service\n');
    // In any order it is the same.
    resolve('10.0.64.7', '10.0.65.9');
    expect(await run()).toEqual({ code: 0, output: '' });
    expect(told()).toBe(1);
  });

  it.each(Object.entries(ROOM))(
    'divides the room of %s, %i requests, by addresses and workers',
    async (pool, room) => {
      const least = async (...resolved: string[]) => {
        resolve(...resolved);
        await run();
        const each = [...servers(pool).matchAll(/max_conns=(\d+);/g)].map(([, most]) => Number(most) * 2);
        expect(each.length).toBe(resolved.length);
        return each.reduce((sum, most) => sum + most, 0);
      };
      expect(await least('10.0.64.7')).toBe(room);
      // Rounded up, since 0 would be no limit.
      const three = await least('10.0.64.7', '10.0.65.9', '10.0.66.3');
      expect([three >= room, three < room + 6]).toEqual([true, true]);
    },
  );

  it('reloads nginx when an address is added or removed', async () => {
    resolve('10.0.64.7');
    await run();
    resolve('10.0.66.3');
    await run();
    expect(addresses()).toEqual(['10.0.66.3']);
    expect(told()).toBe(2);
  });

  it('keeps the addresses there are while the resolver is silent, and fails without any', async () => {
    resolve();
    expect(await run()).toEqual({
      code: 1,
      output: expect.stringContaining('does not resolve at the moment'),
    });
    resolve('10.0.64.7');
    await run();
    resolve();
    expect(await run()).toEqual({
      code: 0,
      output: expect.stringContaining('does not resolve at the moment'),
    });
    expect(addresses()).toEqual(['10.0.64.7']);
    expect(told()).toBe(1);
  });

  it('goes back when nginx rejects the new addresses, and retries', async () => {
    resolve('10.0.64.7');
    await run();
    resolve('not.an.address;');
    expect(await run()).toEqual({ code: 1, output: expect.stringContaining('nginx rejects') });
    expect(addresses()).toEqual(['10.0.64.7']);
    expect(told()).toBe(1);
    resolve('10.0.66.3');
    await run();
    expect(told()).toBe(2);
  });

  it('recovers from a run that ended before nginx was reloaded', async () => {
    resolve('10.0.64.7');
    await run();
    resolve('10.0.66.3');
    host.standIn('systemctl', 'exit 1');
    expect(await run()).toMatchObject({ code: 1 });
    host.standIn('systemctl', 'echo "$*" >>"$ROOT/systemctl"');
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('10.0.66.3') });
    expect(told()).toBe(2);
    expect(await run()).toEqual({ code: 0, output: '' });
  });
});

import { existsSync } from 'node:fs';
import { insideName } from '../../lib/compute/balancer/inside-certificate.steps';
import { certificateFor, describeWith, freePorts, TierHost } from './support';

describeWith('nginx', 'openssl')('app-servers.sh', () => {
  let host: TierHost;

  beforeEach(async () => {
    host = new TierHost('web', { ROLE: 'web', APP_BALANCER: 'app.internal' });
    const pair = certificateFor(insideName);
    host.write('etc/shop/tls/inside.pem', pair.certificate);
    host.write('etc/shop/tls/current/certificate.pem', pair.certificate);
    host.write('etc/shop/tls/current/key.pem', pair.key);
    const [port = 0] = await freePorts(1);
    // Checked by the real nginx, of which no process runs; as boot.sh has it, both pools are one file.
    const conf = host.nginx(port).replace('nginx.conf', 'web.conf');
    const include = `include ${host.path('etc/shop/web/app-balancer.servers')};`;
    host.write(
      'etc/nginx/web.conf',
      host.read('etc/nginx/nginx.conf').replaceAll(/include .*\.servers;/g, include),
    );
    host.standIn('nginx', `PATH=\${PATH#*:} exec nginx -c ${conf} "$@"`);
    host.standIn('systemctl', 'echo "$*" >>"$ROOT/systemctl"');
  });
  afterEach(() => host.remove());

  /** What the resolver says of the balancer's name, three lines an address. */
  const resolve = (...addresses: string[]) => {
    const lines = addresses.flatMap((address) => [
      `${address}     STREAM app.internal`,
      `${address}     DGRAM`,
      `${address}     RAW`,
    ]);
    host.standIn('getent', lines.length > 0 ? `cat <<'LINES'\n${lines.join('\n')}\nLINES` : 'exit 2');
  };
  const run = () => host.run('app-servers.sh');
  const servers = () => host.read('etc/shop/web/app-balancer.servers');
  const told = () =>
    existsSync(host.path('systemctl')) ? host.read('systemctl').trim().split('\n').length : 0;

  it('tells nginx where the balancer is, once', async () => {
    resolve('10.0.65.9', '10.0.64.7');
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('10.0.64.7 10.0.65.9') });
    expect(servers()).toBe('server 10.0.64.7:443 max_fails=0;\nserver 10.0.65.9:443 max_fails=0;\n');
    expect(host.read('systemctl')).toBe('try-reload-or-restart nginx.service\n');
    // In any order it is the same.
    resolve('10.0.64.7', '10.0.65.9');
    expect(await run()).toEqual({ code: 0, output: '' });
    expect(told()).toBe(1);
  });

  it('tells it again when an address comes or goes', async () => {
    resolve('10.0.64.7');
    await run();
    resolve('10.0.66.3');
    await run();
    expect(servers()).toBe('server 10.0.66.3:443 max_fails=0;\n');
    expect(told()).toBe(2);
  });

  it('keeps the addresses there are while the resolver is silent, and fails without any', async () => {
    resolve();
    expect(await run()).toEqual({ code: 1, output: expect.stringContaining('no address at the moment') });
    resolve('10.0.64.7');
    await run();
    resolve();
    expect(await run()).toEqual({ code: 0, output: expect.stringContaining('no address at the moment') });
    expect(servers()).toBe('server 10.0.64.7:443 max_fails=0;\n');
    expect(told()).toBe(1);
  });

  it('goes back when nginx does not take what came, and tries again', async () => {
    resolve('10.0.64.7');
    await run();
    resolve('not.an.address;');
    expect(await run()).toEqual({ code: 1, output: expect.stringContaining('does not take') });
    expect(servers()).toBe('server 10.0.64.7:443 max_fails=0;\n');
    expect(told()).toBe(1);
    resolve('10.0.66.3');
    await run();
    expect(told()).toBe(2);
  });

  it('makes good for a pass that ended before nginx was told', async () => {
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

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ROOM, roomSettings } from '../../lib/compute/web/room';
import { describeWith, environment, expectToBeFilledIn, standInForTheSystem, TierHost } from './support';

describeWith('openssl')('boot.sh of a web host', () => {
  let host: TierHost;

  beforeEach(() => {
    host = new TierHost('web', {
      ...{ ROLE: 'web', APP_BALANCER: 'app.internal', LOGGED_READS_PERCENT: '1' },
      ...roomSettings(),
    });
    host.write('etc/nginx/mime.types', '');
    standInForTheSystem(host);
    host.standIn('getent', '[[ ! -e $ROOT/silent ]] && echo "10.0.64.7     STREAM app.internal"');
    host.standIn('nginx', '');
    host.standIn('sleep', 'echo "sleep $*" >>"$ROOT/calls"; rm -f "$ROOT/silent"');
  });
  afterEach(() => host.remove());

  it('installs, configures and starts, in that order', async () => {
    expect(await host.run('boot.sh')).toMatchObject({ code: 0, output: expect.stringContaining('done') });
    expect(host.read('calls').trim().split('\n')).toEqual([
      expect.stringMatching(/^dnf install .*\bnginx amazon-cloudwatch-agent openssl logrotate$/),
      'systemctl daemon-reload',
      'systemctl enable --now logrotate.timer',
      expect.stringContaining(`amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${host.root}`),
      expect.stringMatching(/^chgrp -R root /),
      'systemctl try-reload-or-restart nginx.service',
      'systemctl enable --now shop-app-servers.timer',
      'systemctl enable nginx.service',
      'systemctl reload-or-restart nginx.service',
      'systemctl enable --now shop-host-metrics.timer',
    ]);
  });

  it('gives all pools of nginx the servers of the one balancer', async () => {
    await host.run('boot.sh');
    for (const pool of Object.keys(ROOM)) {
      expect(host.read(`etc/shop/web/${pool}.servers`)).toMatch(
        /^server 10\.0\.64\.7:443 max_fails=0 max_conns=\d+;\n$/,
      );
    }
  });

  it('starts nginx only when it knows where the application is', async () => {
    host.write('silent', '');
    expect(await host.run('boot.sh')).toMatchObject({ code: 0 });
    const calls = host.read('calls').trim().split('\n');
    expect(calls.indexOf('sleep 5')).toBeGreaterThan(0);
    expect(calls.indexOf('sleep 5')).toBeLessThan(calls.indexOf('systemctl enable nginx.service'));
  });

  it('leaves no placeholder unfilled', async () => {
    await host.run('boot.sh');
    expectToBeFilledIn(host, 'web');
    expect(host.read('etc/nginx/nginx.conf')).not.toMatch(/@[A-Z_]+@/);
    expect(host.read('etc/nginx/nginx.conf')).toContain(' 1% 01;');
  });

  it('can run again: installs nothing, and keeps the certificate', async () => {
    await host.run('boot.sh');
    const certificate = host.read('etc/shop/tls/current/certificate.pem');
    host.write('installed', '');
    host.write('calls', '');
    expect(await host.run('boot.sh')).toMatchObject({ code: 0 });
    expect(host.read('calls')).not.toContain('dnf');
    expect(host.read('etc/shop/tls/current/certificate.pem')).toBe(certificate);
  });

  it('stops before it starts anything when packages cannot be had', async () => {
    host.standIn('dnf', 'exit 1');
    expect(await host.run('boot.sh')).toMatchObject({
      code: 1,
      output: expect.stringContaining('attempt 5 of 5'),
    });
    expect(host.read('calls')).not.toContain('systemctl');
  });
});

describeWith('logrotate')("the rotation of nginx's logs", () => {
  it('starts a new file when the old one grew too large', () => {
    const host = new TierHost('web');
    const log = host.write('var/log/nginx/access.log', 'x'.repeat(201 * 2 ** 20));
    const rules = host.read('opt/shop/host/logrotate/nginx').replaceAll('/var/log', `${host.root}/var/log`);
    const conf = host.write('logrotate', rules.replaceAll('/run/', `${host.root}/run/`), 0o644);
    execFileSync('logrotate', ['--state', host.path('state'), conf], { env: environment() });
    expect({ log: existsSync(log), old: existsSync(`${log}.1`) }).toEqual({ log: false, old: true });
    host.remove();
  });
});

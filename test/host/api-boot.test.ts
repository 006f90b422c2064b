import { existsSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { zipped } from './release-box';
import { describeWith, expectToBeFilledIn, standInForTheSystem, TierHost } from './support';

describeWith(
  'openssl',
  'unzip',
  'zip',
)('boot.sh of a host of the application', () => {
  let host: TierHost;

  beforeEach(() => {
    host = new TierHost('api', { ROLE: 'write', RELEASE_BUCKET: 'assets', RELEASE_KEY: 'abc.zip' });
    standInForTheSystem(host);
    host.standIn('sleep', '');
    host.write('assets/abc.zip', zipped({ 'server.js': 'the server', 'node_modules/a/index.js': 'a' }));
    // The store is a folder.
    host.standIn(
      'aws',
      `echo "aws $*" >>"$ROOT/calls"
[[ $* == "s3 cp --quiet s3://assets/"* ]] && cp "$ROOT/assets/\${4##*/}" "$5"`,
    );
  });
  afterEach(() => host.remove());

  it('installs, brings the release and starts it, in that order', async () => {
    expect(await host.run('boot.sh')).toMatchObject({ code: 0, output: expect.stringContaining('done') });
    expect(host.read('calls').trim().split('\n')).toEqual([
      expect.stringMatching(/^dnf install .*\bnodejs24 amazon-cloudwatch-agent awscli-2 unzip /),
      expect.stringMatching(/^useradd --system .* shop$/),
      'systemctl daemon-reload',
      'systemctl enable --now logrotate.timer',
      expect.stringContaining(`amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${host.root}`),
      expect.stringMatching(/^chgrp -R shop /),
      expect.stringContaining('aws s3 cp --quiet s3://assets/abc.zip'),
      'systemctl enable shop.service',
      'systemctl restart shop.service',
    ]);
    expect(host.read('opt/shop/current/server.js')).toBe('the server');
    expect(statSync(host.path('opt/shop/current/node_modules/a/index.js')).mode & 0o777).toBe(0o644);
    expect(existsSync(host.path('opt/shop/incoming'))).toBe(false);
  });

  it('gives the key to the group that serves with it, and to nobody else', async () => {
    await host.run('boot.sh');
    expect(statSync(host.path('etc/shop/tls/current')).mode & 0o777).toBe(0o750);
    for (const file of ['certificate', 'key']) {
      expect(statSync(host.path(`etc/shop/tls/current/${file}.pem`)).mode & 0o777).toBe(0o640);
    }
  });

  it('gives JavaScript half of the memory of the host', async () => {
    await host.run('boot.sh');
    const mib = Number(
      host.read('etc/shop/node.env').match(/^NODE_OPTIONS=--max-old-space-size=(\d+)$/m)?.[1],
    );
    expect(mib / (totalmem() / 2 ** 20)).toBeCloseTo(0.5, 2);
  });

  it('leaves no placeholder unfilled', async () => {
    await host.run('boot.sh');
    expectToBeFilledIn(host, 'write');
  });

  it('tries again when the store does not answer at first', async () => {
    const aws = host.read('bin/aws');
    host.standIn('aws', '[[ -e $ROOT/asked ]] || { touch "$ROOT/asked"; exit 1; }\n'.concat(aws));
    expect(await host.run('boot.sh')).toMatchObject({
      code: 0,
      output: expect.stringContaining('attempt 1'),
    });
  });

  it.each([
    ['is not there', 'missing.zip', Buffer.alloc(0)],
    ['is half an archive', 'half.zip', zipped({ 'server.js': 'x'.repeat(1000) }).subarray(0, 100)],
    ['is something else', 'other.zip', zipped({ 'readme.txt': 'hello' })],
  ])('starts nothing when the release %s', async (_, key, content) => {
    host.write('etc/shop/host.env', host.read('etc/shop/host.env').replace('abc.zip', key));
    if (content.length > 0) host.write(`assets/${key}`, content);
    expect(await host.run('boot.sh')).not.toMatchObject({ code: 0 });
    expect(host.read('calls')).not.toContain('shop.service');
    expect(existsSync(host.path('opt/shop/current'))).toBe(false);
  });

  it('can run again: installs nothing, and keeps release and certificate', async () => {
    await host.run('boot.sh');
    const certificate = host.read('etc/shop/tls/current/certificate.pem');
    host.write('installed', '');
    host.write('calls', '');
    expect(await host.run('boot.sh')).toMatchObject({ code: 0 });
    expect(host.read('calls')).not.toMatch(/dnf|aws s3/);
    expect(host.read('etc/shop/tls/current/certificate.pem')).toBe(certificate);
  });
});

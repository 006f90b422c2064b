import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { Box, describeWith, environment, HOST } from './support';

describeWith('openssl', 'flock')('boot.sh', () => {
  let box: Box;

  beforeEach(() => {
    box = new Box({ DOMAIN: 'shop.example' });
    for (const command of ['dnf', 'systemctl', 'useradd']) record(command);
    record('../opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl');
    box.standIn('rpm', '[[ -e $ROOT/installed ]]');
  });
  afterEach(() => box.remove());

  it('installs, configures and starts, in that order', async () => {
    expect(await box.run('boot.sh')).toMatchObject({ code: 0, output: expect.stringContaining('done') });
    const calls = box.read('calls').trim().split('\n');
    expect(calls[0]).toMatch(/^dnf install .*\bnginx mariadb1011-server nodejs24 /);
    expect(calls[1]).toMatch(/^useradd --system .* shop$/);
    expect(calls.slice(2)).toEqual([
      'systemctl daemon-reload',
      'systemctl enable --now logrotate.timer',
      'systemctl enable nginx.service',
      'systemctl reload-or-restart nginx.service',
      expect.stringContaining(`amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${box.root}`),
      'systemctl enable shop-data.service mariadb.service shop-database.service shop.service',
      'systemctl enable --now shop-release.timer shop-certificate.timer',
      'systemctl start shop-data.service mariadb.service shop-database.service',
    ]);
  });

  it('goes on asking for the release when the database does not start the first time', async () => {
    box.standIn('systemctl', 'echo "$*" >>"$ROOT/calls"; case "$*" in "start "*mariadb*) exit 1 ;; esac');
    expect(await box.run('boot.sh')).toMatchObject({ code: 1 });
    expect(box.read('calls')).toContain('enable --now shop-release.timer');
    expect(box.read('calls')).toMatch(/^enable .*\bshop\.service$/m);
  });

  it("names the database's folder where the package's start scripts look, or they would make another", async () => {
    await box.run('boot.sh');
    expect(box.read('etc/my.cnf')).toMatch(/^\[mysqld\]\ndatadir = \/data\/mysql$/m);
  });

  it('leaves no placeholder unfilled', async () => {
    await box.run('boot.sh');
    const files = [
      'my.cnf',
      'nginx/nginx.conf',
      'nginx/shop/headers.conf',
      'nginx/shop/problem.conf',
      'logrotate.d/shop',
      'shop/cloudwatch-agent.json',
    ];
    for (const file of files) expect(box.read(join('etc', file))).not.toMatch(/@\w+@/);
    expect(box.read('etc/nginx/nginx.conf')).toContain("shop.example 'max-age=31536000'");
    const agent = JSON.parse(box.read('etc/shop/cloudwatch-agent.json'));
    for (const file of agent.logs.logs_collected.files.collect_list) {
      expect(file).toMatchObject({
        log_group_name: '/shop/box',
        log_stream_name: expect.stringMatching(/^\{instance_id\}\//),
      });
    }
    // Two runs: the first makes what the second finds.
    expect(existsSync(box.path('etc/shop/tls/current/certificate.pem'))).toBe(true);
  });

  it('gives the database a quarter of the memory of the box', async () => {
    await box.run('boot.sh');
    const mib = Number(box.read('etc/my.cnf').match(/^innodb_buffer_pool_size = (\d+)M$/m)?.[1]);
    expect(mib / (totalmem() / 2 ** 20)).toBeCloseTo(0.25, 2);
  });

  it('can run again: installs nothing, and keeps the certificate', async () => {
    await box.run('boot.sh');
    const certificate = box.read('etc/shop/tls/current/certificate.pem');
    box.write('installed', '');
    box.write('calls', '');
    expect(await box.run('boot.sh')).toMatchObject({ code: 0 });
    expect(box.read('calls')).not.toContain('dnf');
    expect(box.read('etc/shop/tls/current/certificate.pem')).toBe(certificate);
  });

  it('stops before it starts anything when packages cannot be had', async () => {
    box.standIn('dnf', 'exit 1');
    box.standIn('sleep', '');
    expect(await box.run('boot.sh')).toMatchObject({
      code: 1,
      output: expect.stringContaining('attempt 5 of 5'),
    });
    expect(existsSync(box.path('calls'))).toBe(false);
  });

  function record(command: string): void {
    mkdirSync(box.path('bin'), { recursive: true });
    box.standIn(command, `echo "$(basename "$0") $*" >>"$ROOT/calls"`);
  }
});

describeWith('logrotate')('the rotation of logs', () => {
  it('empties logs that grew too large, and keeps a copy', () => {
    const box = new Box();
    const log = box.write('var/log/shop/app.log', 'x'.repeat(51 * 2 ** 20));
    const rules = readFileSync(join(HOST, 'logrotate/shop'), 'utf8').replaceAll(
      '/var/log',
      `${box.root}/var/log`,
    );
    const conf = box.write('logrotate', rules, 0o644);
    execFileSync('logrotate', ['--state', box.path('state'), conf], { env: environment() });
    expect({ size: readFileSync(log).length, copy: existsSync(`${log}.1.gz`) }).toEqual({
      size: 0,
      copy: true,
    });
    box.remove();
  });
});

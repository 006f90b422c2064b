import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Box, describeWith, environment, HOST } from './support';

const UNITS = join(HOST, 'systemd');
const units = readdirSync(UNITS).filter((name) => /\.(service|timer)$/.test(name));

describeWith('systemd-analyze')('the units of the box', () => {
  const box = new Box();
  afterAll(() => box.remove());

  it.each(units)('%s passes systemd-analyze verify', (unit) => {
    arrange(box);
    const { stderr, status } = spawnSync(
      'systemd-analyze',
      ['verify', '--recursive-errors=no', box.path('etc/systemd/system', unit)],
      {
        encoding: 'utf8',
        env: { ...environment(), SYSTEMD_UNIT_PATH: `${box.path('etc/systemd/system')}:/lib/systemd/system` },
      },
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});

it('takes the drop-in of a release whose data is elsewhere', () => {
  const boot = readFileSync(join(HOST, 'boot.sh'), 'utf8');
  expect(boot).toContain(
    'ln -sfn /opt/shop/current/shop.conf "$etc/systemd/system/shop.service.d/release.conf"',
  );
});

it('runs the shop and everything it starts without a way to gain privileges', () => {
  const shop = readFileSync(join(UNITS, 'shop.service'), 'utf8');
  for (const line of [
    'User=shop',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'CapabilityBoundingSet=',
    'IPAddressDeny=any',
    'ReadWritePaths=/data/media',
  ]) {
    expect(shop.split('\n')).toContain(line);
  }
});

/** The units with their programs where this machine has them: verify insists that they exist. */
function arrange(box: Box): void {
  cpSync(UNITS, box.path('etc/systemd/system'), { recursive: true });
  for (const unit of units) {
    const text = readFileSync(join(UNITS, unit), 'utf8')
      .replaceAll('/opt/shop/host/', `${HOST}/`)
      .replaceAll('/usr/bin/node-24', process.execPath);
    box.write(`etc/systemd/system/${unit}`, text);
  }
  // What release.sh writes, where boot.sh puts it.
  box.write('etc/systemd/system/shop.service.d/release.conf', '[Service]\nIPAddressDeny=\n');
  // The packages' own units, of which the drop-ins are part.
  for (const name of ['mariadb', 'nginx']) {
    box.write(`etc/systemd/system/${name}.service`, '[Service]\nExecStart=/bin/true\n');
  }
}

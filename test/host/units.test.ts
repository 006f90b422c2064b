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

it('runs the shop and everything it starts without a way to gain privileges', () => {
  const shop = readFileSync(join(UNITS, 'shop.service'), 'utf8');
  for (const line of [
    'User=shop',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'CapabilityBoundingSet=',
    'IPAddressDeny=any',
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
  // The packages' own units, of which the drop-ins are part.
  for (const name of ['mariadb', 'nginx']) {
    box.write(`etc/systemd/system/${name}.service`, '[Service]\nExecStart=/bin/true\n');
  }
}

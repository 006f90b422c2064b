import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Box, describeWith, environment, HOST, TIER_FOLDERS } from './support';

const UNITS = join(HOST, 'systemd');

const hosts = { box: [HOST], ...TIER_FOLDERS };

describeWith('systemd-analyze')('the units of hosts', () => {
  describe.each(Object.keys(hosts) as (keyof typeof hosts)[])('of the kind %s', (kind) => {
    const box = new Box();
    beforeAll(() => arrange(box, hosts[kind]));
    afterAll(() => box.remove());

    it.each(unitsIn(hosts[kind]))('%s passes systemd-analyze verify', (unit) => {
      const { stderr, status } = spawnSync(
        'systemd-analyze',
        ['verify', '--recursive-errors=no', box.path('etc/systemd/system', unit)],
        {
          encoding: 'utf8',
          env: {
            ...environment(),
            SYSTEMD_UNIT_PATH: `${box.path('etc/systemd/system')}:/lib/systemd/system`,
          },
        },
      );
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    });
  });
});

it('takes the drop-in of a release whose data is elsewhere', () => {
  const boot = readFileSync(join(HOST, 'boot.sh'), 'utf8');
  expect(boot).toContain(
    'ln -sfn /opt/shop/current/shop.conf "$etc/systemd/system/shop.service.d/release.conf"',
  );
});

const sandbox = ['User=shop', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet='];

it('runs the shop on the box and everything it starts without a way to gain privileges', () => {
  const shop = readFileSync(join(UNITS, 'shop.service'), 'utf8');
  for (const line of [...sandbox, 'IPAddressDeny=any', 'ReadWritePaths=/data/media']) {
    expect(shop.split('\n')).toContain(line);
  }
});

it('runs the shop on a host of its own in the same sandbox, with nothing that it may write', () => {
  const [of, on] = [join(TIER_FOLDERS.api[1], 'systemd'), UNITS].map((folder) =>
    readFileSync(join(folder, 'shop.service'), 'utf8').split('\n'),
  );
  const rules = /^(User|Protect|Private|Restrict|NoNew|Capability|Lock|SystemCall|UMask|RestrictAddress)/;
  expect(of?.filter((line) => rules.test(line))).toEqual(on?.filter((line) => rules.test(line)));
  expect(of?.join('\n')).not.toContain('ReadWritePaths');
});

/** The units with their programs where this machine has them: verify insists that they exist. */
function arrange(box: Box, folders: readonly string[]): void {
  const system = 'etc/systemd/system';
  for (const folder of folders) {
    cpSync(folder, box.path('opt/shop/host'), { recursive: true });
    cpSync(join(folder, 'systemd'), box.path(system), { recursive: true });
  }
  for (const script of readdirSync(box.path('opt/shop/host')).filter((name) => name.endsWith('.sh'))) {
    chmodSync(box.path('opt/shop/host', script), 0o755);
  }
  for (const unit of unitsIn(folders)) {
    const text = box
      .read(join(system, unit))
      .replaceAll('/opt/shop/host/', `${box.path('opt/shop/host')}/`)
      .replaceAll('/usr/bin/node-24', process.execPath);
    box.write(join(system, unit), text);
  }
  // The file of release.sh, in the place that boot.sh prepares.
  box.write(`${system}/shop.service.d/release.conf`, '[Service]\nIPAddressDeny=\n');
  // The packages' own units, of which the drop-ins are part.
  for (const name of ['mariadb', 'nginx']) {
    box.write(`${system}/${name}.service`, '[Service]\nExecStart=/bin/true\n');
  }
}

function unitsIn(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(folder, 'systemd')))
    .filter((name) => /\.(service|timer)$/.test(name));
}

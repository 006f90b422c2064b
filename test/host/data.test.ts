import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Box, describeWith, environment, type Ran } from './support';

/** Stands for the box's user `shop`. */
const user = { SHOP_USER: userInfo().username };
const MIB = 1024 * 1024;
/** mkfs.xfs makes nothing smaller than 300 MiB; the file is sparse. */
const SIZE = 320 * MIB;

describeWith(
  'mkfs.xfs',
  'blkid',
  'cmp',
)('the data volume', () => {
  let box: Box;
  let device: string;

  beforeEach(() => {
    box = new Box();
    device = box.write('device', '');
    execFileSync('truncate', ['--size', String(SIZE), device]);
    for (const command of ['mount', 'xfs_growfs'])
      box.standIn(command, `echo "${command} $*" >>"$ROOT/calls"`);
  });
  afterEach(() => box.remove());

  it('gets a file system when it was never written to, and is mounted', async () => {
    expect(await data()).toMatchObject({
      code: 0,
      output: expect.stringContaining('creating a file system'),
    });
    expect(type()).toBe('xfs');
    expect(box.read('calls')).toContain(`mount -o noatime,nodev,nosuid,noexec ${device} ${box.path('data')}`);
  });

  it('keeps the file system that it has', async () => {
    await data();
    const before = readFileSync(device).subarray(0, 4096);
    expect((await data()).output).not.toContain('making');
    expect(readFileSync(device).subarray(0, 4096).equals(before)).toBe(true);
  });

  it.each<[string, () => void]>([
    ['another file system', () => execFileSync('mkfs.ext4', ['-q', '-F', device], { env: environment() })],
    ['bytes that nobody knows', () => writeFileSync(device, Buffer.alloc(4096, 'data'), { flag: 'r+' })],
  ])('is never formatted when it holds %s', async (_, arrange) => {
    arrange();
    const before = readFileSync(device).subarray(0, MIB);
    expect(await data()).toEqual({ code: 1, output: expect.stringContaining('refusing to format') });
    expect(readFileSync(device).subarray(0, MIB).equals(before)).toBe(true);
  });

  it('has a folder for photos that the application alone may enter', async () => {
    await data();
    const { mode, uid } = statSync(box.path('data/media'));
    expect([mode & 0o777, uid]).toEqual([0o700, userInfo().uid]);
    box.write('data/media/photo', 'kept');
    await data();
    expect(box.read('data/media/photo')).toBe('kept');
  });

  it('is waited for until the volume is attached', async () => {
    const running = box.run('data.sh', [], { ...user, DATA_DEVICE: box.path('late') });
    box.standIn('sleep', `mv "$ROOT/device" "$ROOT/late"`);
    expect(await running).toMatchObject({ code: 0, output: expect.stringContaining('waiting for') });
  });

  const data = (): Promise<Ran> => box.run('data.sh', [], { ...user, DATA_DEVICE: device });
  const type = () =>
    execFileSync('blkid', ['-p', '-s', 'TYPE', '-o', 'value', device], {
      encoding: 'utf8',
      env: environment(),
    }).trim();
});

const loops =
  process.getuid?.() === 0 && spawnSync('losetup', ['--find'], { env: environment() }).status === 0;

// Needs more than programs: a kernel that lets this process mount.
(loops ? describeWith('mkfs.xfs') : describe.skip)('the data volume, mounted', () => {
  it('keeps its files when another box mounts it, and grows with its volume', async () => {
    const [first, second] = [new Box(), new Box()];
    const file = first.write('device', '');
    execFileSync('truncate', ['--size', String(SIZE), file]);
    const env = environment();
    const device = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8', env }).trim();
    try {
      expect(await first.run('data.sh', [], { ...user, DATA_DEVICE: device })).toMatchObject({ code: 0 });
      first.write('data/order', 'kept');
      expect(await first.run('data.sh', [], { ...user, DATA_DEVICE: device })).toEqual({
        code: 0,
        output: '',
      });
      execFileSync('umount', [first.path('data')], { env });

      execFileSync('truncate', ['--size', String(2 * SIZE), file]);
      execFileSync('losetup', ['--set-capacity', device], { env });
      expect(await second.run('data.sh', [], { ...user, DATA_DEVICE: device })).toMatchObject({ code: 0 });
      expect(second.read('data/order')).toBe('kept');
      const size = execFileSync('df', ['--block-size=1M', '--output=size', second.path('data')], {
        encoding: 'utf8',
      });
      expect(Number(size.split('\n')[1])).toBeGreaterThan(400);
    } finally {
      for (const box of [first, second]) spawnSync('umount', [box.path('data')], { env });
      execFileSync('losetup', ['--detach', device], { env });
      first.remove();
      second.remove();
    }
  }, 60_000);
});

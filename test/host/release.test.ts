import { execFileSync } from 'node:child_process';
import { readlinkSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { eventually } from '../support/until';
import { Bucket } from './bucket';
import { migration, type Release, ReleaseBox, server, zipped } from './release-box';
import { describeWith, freePorts, type Ran } from './support';

// Processes start and stop; a busy machine takes its time.
describeWith(
  'aws',
  'jq',
  'unzip',
  'zip',
  'flock',
  'curl',
)('release.sh', () => {
  const deployments = new Bucket('deployments');
  const assets = new Bucket('assets');
  let box: ReleaseBox;
  let port: number;

  beforeAll(() => Bucket.start());

  beforeEach(async () => {
    [port = 0] = await freePorts(1);
    box = new ReleaseBox(port);
  });
  afterEach(async () => {
    box.systemctl('stop');
    box.remove();
    await deployments.empty();
    await assets.empty();
  });

  it('brings the release that is asked for, and says that it is healthy', async () => {
    box.standIn('aws', Bucket.cli());
    expect(await pass()).toMatchObject({
      code: 0,
      output: expect.stringContaining('no release requested yet'),
    });
    await ask('d1', 'one', await upload('one'));
    expect(await pass()).toMatchObject({ code: 0 });
    expect(await answering()).toBe('one');
    expect(await outcome('d1')).toEqual({ ok: true, release: 'one', message: 'healthy' });
    expect(box.has('previous')).toBe(false);
  });

  it('brings the settings of a release with its code, and takes them back with it', async () => {
    const systemctl = box.read('bin/systemctl');
    box.write('bin/systemctl', systemctl.replace('case $1', 'echo "$*" >>"$ROOT/verbs"\ncase $1'), 0o755);
    const settings = {
      MANAGED_USERS_DATABASE:
        'mysql://aurora:3306/users?secret=arn:aws:secretsmanager:eu-central-1:1:secret:a-b',
      UPLOAD_ORIGIN: 'https://media.s3.eu-central-1.amazonaws.com',
    };
    await ask('d1', 'one', await upload('one'));
    await pass();
    await ask('d2', 'one-settings', 'one.zip', settings);
    expect(await pass()).toMatchObject({ code: 0 });
    expect(box.read('opt/shop/current/settings.env')).toBe(
      `MANAGED_USERS_DATABASE='${settings.MANAGED_USERS_DATABASE}'\nUPLOAD_ORIGIN='${settings.UPLOAD_ORIGIN}'\n`,
    );
    expect(box.read('opt/shop/current/shop.conf')).toBe('[Service]\nIPAddressDeny=\n');
    expect(box.read('opt/shop/current/uploads.map')).toBe(`default ${settings.UPLOAD_ORIGIN};\n`);
    expect(box.read('verbs').trim().split('\n').slice(-3)).toEqual([
      'daemon-reload',
      'restart shop.service',
      'reload nginx.service',
    ]);

    await ask('d3', 'two', await upload('two', { ready: false }), { OTHER: 'x' });
    await pass();
    expect(box.read('opt/shop/current/settings.env')).toContain('MANAGED_USERS_DATABASE');
    await ask('d4', 'one', 'one.zip');
    await pass();
    for (const file of ['settings.env', 'shop.conf', 'uploads.map'])
      expect(box.has(`current/${file}`)).toBe(false);
  });

  it('refuses settings that systemd or a shell would read otherwise', async () => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    for (const [n, settings] of [
      ...[{ lower: 'x' }, { 'A B': 'x' }, { 'A\n': 'x' }],
      ...[{ A: "it's" }, { A: 'back\\slash' }, { A: 'two\nlines' }],
    ].entries()) {
      await ask(`bad-${n}`, 'one-settings', 'one.zip', settings);
      await pass();
      const { ok, message } = await outcome(`bad-${n}`);
      expect([settings, ok, message]).toEqual([settings, false, expect.stringContaining('settings')]);
    }
    expect(await answering()).toBe('one');
  });

  it('never lets a release loosen its own sandbox', async () => {
    await ask(
      'd1',
      'one',
      await upload('one', { files: { 'shop.conf': '[Service]', 'uploads.map': 'x', 'settings.env': 'A=1' } }),
    );
    await pass();
    for (const file of ['settings.env', 'shop.conf', 'uploads.map'])
      expect(box.has(`current/${file}`)).toBe(false);
  });

  it('does nothing for a deployment that it dealt with', async () => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    const { starts } = box;
    await deployments.delete('outcomes/d1.json');
    expect(await pass()).toEqual({ code: 0, output: '' });
    expect(box.starts).toBe(starts);
    await expect(outcome('d1')).rejects.toThrow();
  });

  it('answers a new deployment of the release that runs without a restart', async () => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    const { starts } = box;
    await ask('d2', 'one', 'one.zip');
    await pass();
    expect(await outcome('d2')).toMatchObject({ ok: true });
    expect(box.starts).toBe(starts);
  });

  it('gives every file the time of its release, so that an ETag changes with it', async () => {
    await ask('d1', 'one', await upload('one', { files: { 'storefront/index.html': 'hello' } }));
    await pass();
    const { mtime } = statSync(box.path('opt/shop/current/storefront/index.html'));
    expect(mtime.getFullYear()).toBeGreaterThan(2000);
  });

  it.each([
    ['is never ready', { ready: false }, /two was not ready within 2 s.*two is not ready/s],
    ['fails its migration', { migrates: false }, /two was not ready within 2 s.*Unknown column/s],
  ] as const)('goes back when a release %s, and says why without a password', async (_, release, why) => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    await ask('d2', 'two', await upload('two', release));
    expect(await pass(2)).toMatchObject({ code: 0 });
    expect(await answering()).toBe('one');
    expect(readlinkSync(box.path('opt/shop/current'))).toBe('releases/one');
    const { ok, message } = await outcome('d2');
    expect({ ok, message }).toEqual({ ok: false, message: expect.stringMatching(why) });
    expect(message).not.toContain('hunter2');
    expect(box.releases).toEqual(['one']);
  });

  it.each([
    ['a corrupt archive', () => upload('two', {}, (zip) => zip.subarray(0, zip.length / 2))],
    ['an archive of something else', () => upload('two', {}, () => zipped({ 'readme.txt': 'hello' }))],
    ['an archive that is not there', async () => 'missing.zip'],
  ])('changes nothing for %s', async (_, prepare) => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    const { starts } = box;
    await ask('d2', 'two', await prepare());
    await pass();
    expect(await outcome('d2')).toMatchObject({
      ok: false,
      release: 'two',
      message: expect.stringMatching(/\S/),
    });
    expect({ starts: box.starts, releases: box.releases, answering: await answering() }).toEqual({
      starts,
      releases: ['one'],
      answering: 'one',
    });
  });

  it('refuses names that would be paths', async () => {
    await ask('d1', '../../etc', 'one.zip');
    expect(await pass()).toMatchObject({
      code: 1,
      output: expect.stringContaining('does not name an installable release'),
    });
  });

  it('lets one of two passes at once do the work', async () => {
    await ask('d1', 'one', await upload('one'));
    const passes = await Promise.all([pass(), pass(), pass()]);
    expect(passes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect({ starts: box.starts, answering: await answering() }).toEqual({ starts: 1, answering: 'one' });
  });

  it('brings the release to a new box, though its outcome was written long ago', async () => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    box.systemctl('stop');
    box.remove();
    box = new ReleaseBox(port);
    await pass();
    expect(await answering()).toBe('one');
  });

  it('tries again on a new box that could not get its release', async () => {
    await ask('d1', 'one', 'late.zip');
    await pass();
    expect(await outcome('d1')).toMatchObject({ ok: false });
    await upload('one', {}, (zip) => zip, 'late.zip');
    await pass();
    expect(await answering()).toBe('one');
    expect(await outcome('d1')).toMatchObject({ ok: true });
  });

  /** As it is when the power goes while this release, which never gets ready, is awaited. */
  const cutShort = (release: string, previous: string) => {
    const releases = box.path('opt/shop/releases');
    execFileSync('cp', ['-R', `${releases}/${previous}`, `${releases}/${release}`]);
    writeFileSync(`${releases}/${release}/server.js`, server(release, { ready: false }));
    execFileSync('ln', ['-s', `releases/${previous}`, box.path('opt/shop/previous')]);
    execFileSync('ln', ['-sfn', `releases/${release}`, box.path('opt/shop/current')]);
    box.systemctl('restart');
  };

  it('judges a release whose pass was cut short after the flip', async () => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    await ask('d2', 'two', await upload('two', { ready: false }));
    cutShort('two', 'one');
    await pass(2);
    expect(await answering()).toBe('one');
    expect(await outcome('d2')).toMatchObject({ ok: false });
  });

  it('goes back to the last good release when another bad one follows a pass that was cut short', async () => {
    await ask('d1', 'one', await upload('one'));
    await pass();
    cutShort('two', 'one');
    await ask('d3', 'three', await upload('three', { ready: false }));
    await pass(2);
    expect(await answering()).toBe('one');
    expect(readlinkSync(box.path('opt/shop/current'))).toBe('releases/one');
    expect(await outcome('d3')).toMatchObject({ ok: false, release: 'three' });
  });

  it('delivers an outcome later when the bucket does not answer now, without another attempt', async () => {
    await ask('d1', 'one', await upload('one'));
    box.standIn('aws', `[[ $* == *outcomes/* ]] && exit 1\n${Bucket.quickCli()}`);
    await pass();
    await expect(outcome('d1')).rejects.toThrow();
    const { starts } = box;
    box.standIn('aws', Bucket.quickCli());
    await pass();
    expect(await outcome('d1')).toMatchObject({ ok: true });
    expect(box.starts).toBe(starts);
  });

  it('keeps the last three releases', async () => {
    for (const [index, release] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await ask(`keep-${release}`, release, await upload(release));
      await pass();
      // The clock of the file system is coarse: separate two changes that follow each other closely.
      if (box.releases.includes(release)) utimesSync(box.path('opt/shop/releases', release), index, index);
    }
    expect(await answering()).toBe('e');
    expect(box.releases).toEqual(['c', 'd', 'e']);
  });

  const pass = (readySeconds = 15): Promise<Ran> => {
    const settings = { READY_URL: `http://127.0.0.1:${port}/readyz`, READY_SECONDS: String(readySeconds) };
    return box.run('release.sh', [], settings);
  };

  /** Resolves to the release that runs, as soon as it answers. */
  const answering = () => eventually(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).text());

  const ask = (deployment: string, release: string, key: string, settings?: object): Promise<void> =>
    deployments.put('desired.json', JSON.stringify({ release, bucket: 'assets', key, deployment, settings }));

  const outcome = async (deployment: string): Promise<{ ok: boolean; release: string; message: string }> =>
    JSON.parse(await deployments.get(`outcomes/${deployment}.json`));

  /** Returns the key. */
  async function upload(
    name: string,
    release: Release = {},
    change = (zip: Buffer) => zip,
    key = `${name}.zip`,
  ) {
    const files = { 'server.js': server(name, release), 'migrate.js': migration(release), ...release.files };
    await assets.put(key, change(zipped(files)));
    return key;
  }
});

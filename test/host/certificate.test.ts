import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { Bucket } from './bucket';
import { Box, certificateFor, describeWith, environment, freePorts, type Pair, type Ran } from './support';

describeWith(
  'openssl',
  'nginx',
  'aws',
  'flock',
  'curl',
)('certificate.sh', () => {
  const bucket = new Bucket('deployments');
  let box: Box;

  beforeAll(() => Bucket.start());
  beforeEach(async () => {
    box = new Box({ DOMAIN: 'shop.example' });
    const [http = 0, https = 0, app = 0] = await freePorts(3);
    const conf = box.nginx({ http, https, app });
    // Checked by the real nginx, of which no process runs.
    box.standIn('nginx', `PATH=\${PATH#*:} exec nginx -c ${conf} "$@"`);
    box.standIn('systemctl', 'echo "$*" >>"$ROOT/systemctl"');
    box.standIn('aws', Bucket.quickCli());
    expect(await box.run('certificate.sh', ['self-signed'])).toEqual({ code: 0, output: '' });
  });
  afterEach(async () => {
    box.remove();
    await bucket.empty();
  });

  it('makes a certificate of its own, with which nginx starts, and keeps it', async () => {
    execFileSync(box.path('bin/nginx'), ['-t', '-q'], { env: environment(box.path('bin')) });
    const made = box.read('etc/shop/tls/current/certificate.pem');
    await box.run('certificate.sh', ['self-signed']);
    expect(box.read('etc/shop/tls/current/certificate.pem')).toBe(made);
    expect(statSync(box.path('etc/shop/tls/current/key.pem')).mode & 0o077).toBe(0);
  });

  it('waits in peace while there is none in the bucket, and asks for none without a domain', async () => {
    expect(await fetchNow()).toMatchObject({ code: 0, output: expect.stringContaining('no certificate') });
    const nameless = new Box();
    expect(await nameless.run('certificate.sh', ['fetch'])).toEqual({ code: 0, output: '' });
    nameless.remove();
  });

  it("takes the domain's certificate with the real client, and reloads nginx once", async () => {
    box.standIn('aws', Bucket.cli());
    const pair = await upload(certificateFor('shop.example'));
    expect(await fetchNow()).toMatchObject({ code: 0, output: expect.stringContaining('installed') });
    expect(current()).toEqual(pair);
    expect(await fetchNow()).toEqual({ code: 0, output: '' });
    expect(box.read('systemctl')).toBe('reload nginx.service\n');
    expect(statSync(box.path('etc/shop/tls/current/key.pem')).mode & 0o077).toBe(0);
  });

  it('replaces a certificate by the next, and forgets the old key', async () => {
    await upload(certificateFor('shop.example'));
    await fetchNow();
    const next = await upload(certificateFor('shop.example'));
    await fetchNow();
    expect(current()).toEqual(next);
    const folders = readdirSync(box.path('etc/shop/tls'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.map(({ name }) => name).sort()).toEqual(
      ['self-signed', readlinkSync(box.path('etc/shop/tls/current'))].sort(),
    );
  });

  it.each<[string, () => Pair, RegExp]>([
    [
      'whose key is another',
      () => ({ ...certificateFor('shop.example'), key: certificateFor('shop.example').key }),
      /key does not match/,
    ],
    ['that has expired', () => certificateFor('shop.example', -1), /expired/],
    ['for another name', () => certificateFor('other.example'), /not for shop\.example/],
    ['that is none', () => ({ certificate: 'hello', key: 'world' }), /./],
  ])('keeps the one there is instead of one %s', async (_, pair, why) => {
    const good = await upload(certificateFor('shop.example'));
    await fetchNow();
    await upload(pair());
    expect(await fetchNow()).toEqual({ code: 1, output: expect.stringMatching(why) });
    expect(current()).toEqual(good);
    expect(box.read('systemctl')).toBe('reload nginx.service\n');
  });

  it('keeps the one there is when nginx does not take the new one', async () => {
    box.standIn('nginx', 'echo no; exit 1');
    const before = current();
    await upload(certificateFor('shop.example'));
    expect(await fetchNow()).toMatchObject({
      code: 1,
      output: expect.stringContaining('keeping self-signed'),
    });
    expect(current()).toEqual(before);
  });

  const fetchNow = (): Promise<Ran> => box.run('certificate.sh', ['fetch']);

  const current = (): Pair => ({
    certificate: box.read('etc/shop/tls/current/certificate.pem'),
    key: box.read('etc/shop/tls/current/key.pem'),
  });

  async function upload(pair: Pair): Promise<Pair> {
    await bucket.put('tls/certificate.pem', pair.certificate);
    await bucket.put('tls/key.pem', pair.key);
    return pair;
  }
});

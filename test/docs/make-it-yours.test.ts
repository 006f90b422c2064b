import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');
const page = read('docs/make-it-yours.md');

/** Each promise of the contract, and the line of the sources that keeps it. */
const CONTRACT: readonly [promise: string, file: string, line: string][] = [
  ['on the box 127.0.0.1:8080', 'lib/compute/box/host/database.sh', 'HOST=127.0.0.1 PORT=8080'],
  ['on a host of a tier 8443', 'lib/compute/api/app-settings.ts', 'appPort = 8443'],
  ['asks `/healthz` every 10 s', 'lib/compute/balancer/targets.ts', 'interval: Duration.seconds(10)'],
  ['after six answers that did not come', 'lib/compute/balancer/targets.ts', 'unhealthyThresholdCount: 6'],
  ['asks `/readyz` before a release', 'lib/compute/box/host/release.sh', '127.0.0.1:8080/readyz'],
  ['`SHOP_SERVICES` names the service', 'lambda/shared/runtime/settings.ts', "'SHOP_SERVICES'"],
  ['started by Node 24', 'lib/compute/api/host/systemd/shop.service', '/usr/bin/node-24 server.js'],
  ['SIGTERM, and 30 s later the end', 'lib/compute/api/host/systemd/shop.service', 'TimeoutStopSec=30'],
  ['within 25 s', 'lambda/shared/http/serve.ts', 'for at most 25 s'],
];

test.each(CONTRACT)('the contract says "%s", and %s keeps it', (promise, file, line) => {
  expect(page).toContain(promise);
  expect(read(file)).toContain(line);
});

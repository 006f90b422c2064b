import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CarriageReturnError, withLineFeeds } from '../../lib/line-endings';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-lines-'));
  mkdirSync(join(folder, 'systemd'));
  writeFileSync(join(folder, 'boot.sh'), '#!/bin/bash\necho up\n');
  writeFileSync(
    join(folder, 'picture.png'),
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00]),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

test('CDK-18: takes a folder whose text ends its lines with line feeds, whatever is in a picture', () => {
  expect(withLineFeeds(folder)).toBe(folder);
});

test('CDK-18: refuses carriage returns, and names every file that has one and the command that takes them out', () => {
  writeFileSync(join(folder, 'run.sh'), '#!/bin/bash\r\necho up\r\n');
  writeFileSync(join(folder, 'systemd/shop.service'), '[Unit]\nDescription=Shop\r\n');
  const refused = () => withLineFeeds(folder);
  expect(refused).toThrow(CarriageReturnError);
  for (const name of ['run.sh', 'systemd/shop.service', "sed -i 's/\\r$//'"]) expect(refused).toThrow(name);
  expect(refused).not.toThrow('boot.sh');
});

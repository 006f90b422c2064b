import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inSources } from '../../../lab/profile/cpu-profile';
import { compiled } from '../../../local/compiled';
import { folder, removeFolders } from '../../local/shop-process';

afterAll(removeFolders);

const BUSY = `export function busy(): number {
  let sum = 0;
  for (const until = Date.now() + 100; Date.now() < until; ) sum += Math.sqrt(sum + 1);
  return sum;
}
`;

test('a frame of a compiled program is at its place in the sources, one of Node stays where it is', () => {
  const place = folder();
  writeFileSync(join(place, 'busy.ts'), `\n\n${BUSY}`);
  writeFileSync(join(place, 'program.ts'), "import { busy } from './busy';\n\nbusy();\n");
  const args = ['--cpu-prof', '--cpu-prof-dir', place, ...compiled(join(place, 'program.ts'))];
  expect(spawnSync(process.execPath, args).status).toBe(0);
  const [written = ''] = readdirSync(place).filter((name) => name.endsWith('.cpuprofile'));
  const { nodes } = inSources(JSON.parse(readFileSync(join(place, written), 'utf8')));
  const frames = nodes.map(({ callFrame }) => callFrame);
  expect(frames.find(({ functionName }) => functionName === 'busy')).toMatchObject({
    ...{ url: String(pathToFileURL(join(place, 'busy.ts'))), lineNumber: 2 },
  });
  expect(frames.some(({ url }) => url.startsWith('node:'))).toBe(true);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { inTrace } from '../../../../lambda/shared/runtime/trace';

it('writes one JSON line with an ISO time and no host name or process id', () => {
  expect(logged((log) => log.info({ path: '/' }, 'request'))).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    path: '/',
    msg: 'request',
  });
});

it.each(['password', 'token', 'authorization', 'cookie', 'headers'])('never writes a %s', (name) => {
  const line = logged((log) => log.info({ [name]: 'hunter2', body: { [name]: 'hunter2' } }, 'x'));
  expect(JSON.stringify(line)).not.toContain('hunter2');
});

it('gives every error its release, and no other line', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ write: (line: string) => lines.push(JSON.parse(line)) }, 'release-7');
  log.warn({ at: 1 }, 'a warning');
  log.error({ at: 2 }, 'an error');
  log.fatal({ at: 3 }, 'the end');
  expect(lines.map(({ at, release }) => [at, release])).toEqual([
    [1, undefined],
    [2, 'release-7'],
    [3, 'release-7'],
  ]);
});

it('leaves a line the ids that it has', () => {
  const trace = { requestId: 'other', traceId: 'b', sampled: true, startedAt: 0, spans: [] };
  const line = inTrace(trace, () =>
    logged((log) => log.error({ requestId: 'own', traceId: 'a' }, 'request')),
  );
  expect(line).toMatchObject({ requestId: 'own', traceId: 'a' });
});

/** A device on which every write fails as on a full disk. */
const FULL = '/dev/full';

(existsSync(FULL) ? it : it.skip)('loses lines and not the process when the disk is full', async () => {
  const program = `
    const { createLog } = require(${JSON.stringify(join(__dirname, '../../../../lambda/shared/runtime/log.ts'))});
    const log = createLog();
    let left = 20;
    const timer = setInterval(() => {
      log.info('a line');
      if (--left > 0) return;
      clearInterval(timer);
      process.stderr.write('still here');
      process.exit(0);
    }, 5);`;
  const full = openSync(FULL, 'w');
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', program], {
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  let said = '';
  child.stderr?.on('data', (data) => {
    said += data;
  });
  const [code] = await once(child, 'close');
  expect({ code, said }).toEqual({ code: 0, said: 'still here' });
});

function logged(work: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  work(createLog({ write: (line: string) => lines.push(line) }));
  return JSON.parse(lines.join(''));
}

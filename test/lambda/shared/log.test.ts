import { createLog } from '../../../lambda/shared/log';

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

function logged(work: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  work(createLog({ write: (line: string) => lines.push(line) }));
  return JSON.parse(lines.join(''));
}

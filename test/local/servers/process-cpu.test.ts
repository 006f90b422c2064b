import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { followCpu } from '../../../local/servers/process-cpu';
import { until } from '../../support/until';

const program = (script: string) => spawn(process.execPath, ['-e', script], { stdio: 'ignore' });

it('says how busy a process is, as a part of the cores of a host', async () => {
  const busy = program('for (;;);');
  const idle = program('setInterval(() => undefined, 1000)');
  const pid = (child: typeof busy) => ({ pid: child.pid ?? 0 });
  try {
    const [one, ofTwo, none] = [followCpu(pid(busy), 1), followCpu(pid(busy), 2), followCpu(pid(idle), 1)];
    const seen = { one: 0, ofTwo: 0 };
    await until(() => {
      seen.one = Math.max(seen.one, one() ?? 0);
      seen.ofTwo = Math.max(seen.ofTwo, ofTwo() ?? 0);
      return seen.one > 20 && seen.ofTwo > 10;
    });
    expect(seen.one).toBeLessThanOrEqual(100);
    none();
    await until(() => (none() ?? 100) < 20);
  } finally {
    busy.kill('SIGKILL');
    idle.kill('SIGKILL');
  }
});

it('counts the time in which a process waits for a core, which a host of its own would have', async () => {
  const onOneCore = () =>
    spawn('taskset', ['--cpu-list', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
  const crowd = [onOneCore(), onOneCore(), onOneCore(), onOneCore()];
  try {
    const follow = crowd.map(({ pid = 0 }) => followCpu({ pid }, 1));
    await until(() => follow.every((busy) => (busy() ?? 0) > 80));
  } finally {
    for (const child of crowd) child.kill('SIGKILL');
  }
});

it('knows nothing of a process that ended, nor of one that took its place', async () => {
  const child = program('');
  await once(child, 'exit');
  const app = { pid: child.pid ?? 0 };
  const cpu = followCpu(app, 1);
  expect(cpu()).toBeUndefined();
  app.pid = process.pid;
  expect(cpu()).toBeUndefined();
  expect(cpu()).toBeGreaterThanOrEqual(0);
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuBetween, sampleCpu } from '../../../lab/measure/cpu';

const onLinux = process.platform === 'linux' ? it : it.skip;

/** A process that uses a given number of CPU milliseconds on command, and reports when it is done. */
const WORKER = `process.on('message', (ms) => {
  const before = process.cpuUsage();
  for (;;) { const { user, system } = process.cpuUsage(before); if (user + system > ms * 1000) break; }
  process.send('done');
}); process.send('ready');`;

onLinux('CPU time is that of the component, and waiting is none', async () => {
  const [busy, idle] = [0, 1].map(() => fork('-e', [WORKER], { execArgv: [], detached: true }));
  const pids = { app: [busy?.pid ?? 0], database: [idle?.pid ?? 0] };
  try {
    await Promise.all([busy, idle].map((child) => child && once(child, 'message')));
    const before = sampleCpu(pids);
    busy?.send(200);
    if (busy) await once(busy, 'message');
    await sleep(20);
    const { run, firstThreads } = cpuBetween(before, sampleCpu(pids), 0);
    expect(run.app).toBeGreaterThan(190_000);
    expect(run.app).toBeLessThan(400_000);
    expect(firstThreads.app).toBeGreaterThan(180_000);
    expect(run.database).toBeLessThan(20_000);
  } finally {
    busy?.kill();
    idle?.kill();
  }
});

onLinux('the start of a process that a group adds meanwhile is not the work of its component', async () => {
  const start = async () => {
    const child = fork('-e', [WORKER], { execArgv: [], detached: true });
    await once(child, 'message');
    return child;
  };
  const first = await start();
  const before = sampleCpu({ read: [first.pid ?? 0] });
  const second = await start();
  try {
    const { run, others } = cpuBetween(before, sampleCpu({ read: [first.pid ?? 0, second.pid ?? 0] }), 0);
    expect(run.read).toBeLessThan(20_000);
    expect(others).toBeGreaterThan(0);
  } finally {
    first.kill();
    second.kill();
  }
});

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processGroups } from './process-groups';

/** Short, so that a request waits for the next one for a few milliseconds. The kernel takes no quota below 1,000. */
const PERIOD_US = 4000;

/**
 * Gives processes and those they start a share of one core together, by a control group, and that share before all other
 * programs. Needs Linux and root. The result undoes it.
 * @param share 0.25 is a quarter of a core
 * @throws Error if the kernel offers no such group here
 */
export function limitCpu(pids: readonly number[], share: number): () => void {
  const quota = Math.round(share * PERIOD_US);
  const [root, settings] = existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? ['/sys/fs/cgroup', { 'cpu.max': `${quota} ${PERIOD_US}`, 'cpu.weight': '10000' }]
    : [
        '/sys/fs/cgroup/cpu',
        { 'cpu.cfs_period_us': PERIOD_US, 'cpu.cfs_quota_us': quota, 'cpu.shares': 100_000 },
      ];
  const group = join(root, `scaling-shop-${process.pid}`);
  const members = () => pids.flatMap((pid) => processGroups().get(pid) ?? [pid]);
  const home = new Map(members().map((pid) => [pid, cgroupOf(pid)]));
  try {
    mkdirSync(group);
    for (const [name, value] of Object.entries(settings)) writeFileSync(join(group, name), String(value));
    for (const pid of members()) move(pid, group);
  } catch (error) {
    throw new Error(`A share of a core needs root and a control group for CPU below ${root}`, {
      cause: error,
    });
  }
  return () => {
    for (const pid of members()) move(pid, join(root, home.get(pid) ?? ''));
    rmdirSync(group);
  };
}

const move = (pid: number, group: string) => writeFileSync(join(group, 'cgroup.procs'), String(pid));

/** Its group in the hierarchy of the CPU controller (version 1) or in the only one (version 2). */
function cgroupOf(pid: number): string {
  const line = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .find((one) => one.startsWith('0::') || one.split(':')[1]?.split(',').includes('cpu'));
  return line?.split(':')[2] ?? '';
}

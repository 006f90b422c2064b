import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Component, Processes } from '../servers/components';
import { processGroups } from './process-groups';

/** CPU time of one thread, in microseconds: running on a core, and waiting for one. */
interface Thread {
  /** Also the id of the process's first thread. */
  readonly pid: number;
  /** True for the first thread of a process. */
  readonly first: boolean;
  readonly run: number;
  readonly wait: number;
}

export interface CpuSample {
  readonly at: number;
  /** By component, and by thread. */
  readonly threads: ReadonlyMap<Component, ReadonlyMap<number, Thread>>;
  /** CPU time of all processes on all cores, in microseconds. */
  readonly machineBusy: number;
}

export interface CpuUse {
  readonly seconds: number;
  /** CPU microseconds, by component. */
  readonly run: Readonly<Partial<Record<Component, number>>>;
  /** The part of the first threads, which run the JavaScript of an app process. */
  readonly firstThreads: Readonly<Partial<Record<Component, number>>>;
  /** Microseconds that the threads of each component waited for a core. */
  readonly wait: Readonly<Partial<Record<Component, number>>>;
  /** Cores that other programs on this machine used, without the generator, which is this process. */
  readonly others: number;
}

/**
 * CPU time to the nanosecond from /proc (Linux): clock ticks are too coarse for a few hundred requests. A process group
 * is a component's process with its children, such as the workers of nginx.
 */
export function sampleCpu(processes: Processes): CpuSample {
  const groups = processGroups();
  const threads = new Map<Component, ReadonlyMap<number, Thread>>();
  for (const [component, leaders] of Object.entries(processes) as [Component, readonly number[]][]) {
    const pids = leaders.flatMap((leader) => groups.get(leader) ?? [leader]);
    threads.set(component, new Map(pids.flatMap(threadsOf)));
  }
  return { at: performance.now(), threads, machineBusy: machineBusy() };
}

/**
 * CPU time used between two samples; `generator` is the time that this process used meanwhile, in microseconds. Processes
 * that a group started meanwhile belong to the others: their start takes as long as a thousand requests.
 */
export function cpuBetween(before: CpuSample, after: CpuSample, generator: number): CpuUse {
  const seconds = (after.at - before.at) / 1000;
  const used = (field: 'run' | 'wait', counts: (thread: Thread) => boolean = () => true) =>
    Object.fromEntries(
      [...after.threads].map(([component, threads]) => {
        const earlier = before.threads.get(component);
        const since = [...threads]
          .filter(([, thread]) => earlier?.has(thread.pid) && counts(thread))
          .map(([id, thread]) => thread[field] - (earlier?.get(id)?.[field] ?? 0));
        return [component, since.reduce((sum, us) => sum + us, 0)];
      }),
    ) as Partial<Record<Component, number>>;
  const run = used('run');
  const ours = Object.values(run).reduce((sum, us) => sum + us, generator);
  const others = Math.max(0, (after.machineBusy - before.machineBusy - ours) / 1e6 / seconds);
  return { seconds, run, firstThreads: used('run', ({ first }) => first), wait: used('wait'), others };
}

export const CORES = availableParallelism();

function threadsOf(pid: number): [number, Thread][] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => scheduled(pid, thread));
  } catch {
    return [];
  }
}

function scheduled(pid: number, thread: string): [number, Thread][] {
  try {
    const [run = 0, wait = 0] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
      .split(' ')
      .map(Number);
    return [[Number(thread), { pid, first: Number(thread) === pid, run: run / 1000, wait: wait / 1000 }]];
  } catch {
    return [];
  }
}

/** Ticks of a hundredth of a second: fine enough for seconds and all cores. */
const TICK_US = 10_000;

function machineBusy(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_US;
}

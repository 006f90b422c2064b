import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Component } from '../servers/components';
import type { LabShop } from '../servers/shop';
import { CORES } from './cpu';
import { processGroups } from './process-groups';

/** Needs Linux with util-linux, and more than one core. */
export const canPin = (): boolean => CORES > 1 && existsSync('/usr/bin/taskset');

/** Pins a component to core 0 and all others, with this process, to the other cores; the result undoes that. */
export function pin(shop: LabShop, component: Component): () => void {
  const processes = Object.entries(shop.processes()) as [Component, readonly number[]][];
  const others = CORES > 2 ? `1-${CORES - 1}` : '1';
  for (const [name, pids] of processes)
    for (const pid of pids) setCores(pid, name === component ? '0' : others);
  setCores(process.pid, others);
  return () => {
    for (const pid of [...processes.flatMap(([, pids]) => pids), process.pid])
      setCores(pid, `0-${CORES - 1}`);
  };
}

/** Pins all threads of a process group, including workers. */
function setCores(pid: number, cores: string): void {
  for (const one of new Set([pid, ...(processGroups().get(pid) ?? [])])) {
    execFileSync('taskset', ['-a', '-c', '-p', cores, String(one)], { stdio: 'ignore' });
  }
}

import { readdirSync, readFileSync } from 'node:fs';

/** The processes of each process group, such as a server with its workers, by the id of its leader. Linux. */
export function processGroups(): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const group = groupOf(pid);
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), Number(pid)]);
  }
  return groups;
}

function groupOf(pid: string): number | undefined {
  try {
    // Field 5 of proc(5); field 2 is a name, which may contain anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[2]);
  } catch {
    // It has ended.
    return undefined;
  }
}

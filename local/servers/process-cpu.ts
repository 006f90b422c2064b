import { readFileSync } from 'node:fs';

/** Of the kernel's times for programs, on every platform (man 5 proc). */
const TICKS_PER_SECOND = 100;

/**
 * Returns a function that returns how busy a process was since the last call, in percent of a host with so many cores;
 * undefined where there is no /proc, and when the process ended or is another one by now. Busy is what runs, and the
 * JavaScript that waits for a core: a host has its own, and here all servers and their callers share those of one
 * machine. So it says how much the process asks for.
 */
export function followCpu(process: { readonly pid: number }, cores: number): () => number | undefined {
  const look = () => ({ pid: process.pid, at: performance.now(), seconds: busySeconds(process.pid) });
  let last = look();
  return () => {
    const [from, to] = [last, look()];
    last = to;
    if (from.pid !== to.pid || from.seconds === undefined || to.seconds === undefined) return undefined;
    const share = (to.seconds - from.seconds) / ((to.at - from.at) / 1000) / cores;
    return Math.min(100, share * 100);
  };
}

function busySeconds(pid: number): number | undefined {
  try {
    // The name, in parentheses, may have spaces. After it: state is field 3, utime 14 and stime 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND + waitedSeconds(pid);
  } catch {
    return undefined;
  }
}

/** Of its first thread, which runs the JavaScript, for a core. 0 where the kernel does not count it. */
function waitedSeconds(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9;
  } catch {
    return 0;
  }
}

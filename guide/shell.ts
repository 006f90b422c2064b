import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Seen } from './checks';

/** Programs that a chapter starts, in one folder. Each has a process group of its own, so that all of it can be ended. */
export interface Shell {
  /** Runs a command to its end. */
  run(command: string): Promise<Seen>;
  /** Starts a program that stays, and resolves once it said `text`, or has ended before. */
  open(command: string, text: string): Promise<Seen>;
  /** Ends what still runs. */
  close(): Promise<void>;
}

/** Time to stop before a program is killed. */
const PATIENCE_MS = 30_000;

export function openShell(cwd: string): Shell {
  const running = new Set<ChildProcess>();

  function start(command: string) {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A reader's shell has none of the variables that npm sets for the guide.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/.test(name))),
    });
    const said = { output: '' };
    running.add(child);
    child.once('close', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said.output += text;
        child.emit('said');
      });
    }
    return { child, said, ended: once(child, 'close').then(([code]) => code ?? 1) as Promise<number> };
  }

  return {
    run: async (command) => {
      const { said, ended } = start(command);
      const code = await ended;
      return { output: said.output, code };
    },
    open: async (command, text) => {
      const { child, said, ended } = start(command);
      const open = new Promise<undefined>((resolve) => {
        child.on('said', () => {
          if (said.output.includes(text)) resolve(undefined);
        });
      });
      const code = await Promise.race([open, ended]);
      return { output: said.output, code };
    },
    close: async () => {
      await Promise.all([...running].map(end));
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  signal(child, 'SIGTERM');
  const late = setTimeout(() => signal(child, 'SIGKILL'), PATIENCE_MS);
  await closed;
  clearTimeout(late);
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // It has just ended.
  }
}

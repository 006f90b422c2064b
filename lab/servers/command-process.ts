import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A running command of this repository, or of another revision of it below `root`. */
export interface CommandProcess {
  readonly child: ChildProcess;
  out(): string;
  /** Resolves to the exit code. */
  readonly ended: Promise<unknown>;
}

export function spawnCommand(root: string, command: string, args: readonly string[]): CommandProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'bin', command), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      out += data;
    });
  }
  return { child, out: () => out, ended: once(child, 'close').then(([code]) => code) };
}

/** Resolves once the output of a command matches. @throws Error with the output if it ends before */
export function waitForOutput({ child, out, ended }: CommandProcess, words: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (words.test(out())) resolve();
    };
    child.stdout?.on('data', look);
    void ended.then((code) => reject(new Error(`The command ended with ${code}. Its output:\n${out()}`)));
    look();
  });
}

/** Resolves to the output once a command succeeded. @throws Error with the output if it fails */
export async function waitForExit(command: CommandProcess): Promise<string> {
  const code = await command.ended;
  if (code !== 0) throw new Error(`The command ended with ${code}. Its output:\n${command.out()}`);
  return command.out();
}

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from '../../local/compiled';

export const ROOT = join(__dirname, '..', '..');

/** The real command in a process of its own. */
export interface Command {
  readonly process: ChildProcess;
  /** All that it wrote so far. */
  out(): string;
  err(): string;
  /** Resolves to the exit code, or to the signal that ended it. */
  ended(): Promise<number | string>;
}

export function command(args: readonly string[], options: SpawnOptions = {}): Command {
  const child = spawn(process.execPath, [...compiled('bin/local.ts'), ...args], {
    cwd: ROOT,
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watched(child);
}

const children: ChildProcess[] = [];

export function watched(child: ChildProcess): Command {
  children.push(child);
  const text = { out: '', err: '' };
  child.stdout?.on('data', (data) => {
    text.out += data;
  });
  child.stderr?.on('data', (data) => {
    text.err += data;
  });
  const closed = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { process: child, out: () => text.out, err: () => text.err, ended: () => closed };
}

export interface RunningShop extends Command {
  readonly url: string;
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** A shop on a free port, once it says that it is open. */
export async function startShop(folder: string, options?: SpawnOptions): Promise<RunningShop> {
  return opened(command(['--port', '0', '--data', folder], options));
}

/** The shop of a phase on this machine's own servers. */
export const served = (data: string, phase: number, options?: SpawnOptions): Command =>
  command(['--port', '0', '--data', data, '--servers', '--phase', String(phase)], options);

/** The real command, for a shop of this machine. */
export async function moved(
  data: string,
  ...args: string[]
): Promise<{ code: number | string; out: string }> {
  const given = [...compiled('bin/move.ts'), '--local', '--data', data, ...args];
  const run = watched(spawn(process.execPath, given, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }));
  const code = await run.ended();
  return { code, out: run.out() + run.err() };
}

export async function opened(shop: Command): Promise<RunningShop> {
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const address = /http:\/\/localhost:\d+/.exec(shop.out())?.[0];
      if (address) resolve(address);
    };
    shop.process.stdout?.on('data', look);
    shop
      .ended()
      .then((code) => reject(new Error(`The shop ended with ${code}: ${shop.out()}${shop.err()}`)), reject);
  });
  return {
    ...shop,
    url,
    stop: (signal = 'SIGTERM') => {
      shop.process.kill(signal);
      return shop.ended();
    },
  };
}

const folders: string[] = [];

/** Makes a new folder. `removeFolders` removes all of them, and ends the processes that failed tests left. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'shop-local-'));
  folders.push(made);
  return made;
}

export function removeFolders(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
}

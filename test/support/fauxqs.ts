import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cleanup } from './cleanup';

export interface Fauxqs {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server that speaks S3, in a process of its own: jest cannot load a package that is ESM alone. */
export async function startFauxqs(): Promise<Fauxqs> {
  const child = spawn(process.execPath, [join(__dirname, 'fauxqs-server.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = cleanup(async () => {
    child.kill();
    await exited;
  });
  const [line] = await once(child.stdout, 'data');
  return { url: String(line).trim(), stop };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import { compiled } from '../../../local/compiled';
import { cleanup } from '../../support/cleanup';

/** Starts a process of the app with these settings alone, and resolves to its URL once it serves. */
export function startProcess(settings: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, compiled('lambda/hosts/server.ts'), {
    env: { PATH: process.env.PATH, [SETTING.port]: '0', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  cleanup(async () => {
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const { port } = JSON.parse(line);
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    child.once('exit', () => reject(new Error(lines.join('\n'))));
  });
}

export async function ask(server: string, method: string, path: string, headers = {}, body?: unknown) {
  const answer = await fetch(server + path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
}

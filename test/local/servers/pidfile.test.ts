import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isOurs, stopStale, writePidfile } from '../../../local/servers/pidfile';
import { folder, removeFolders } from '../shop-process';

afterAll(removeFolders);

/** A server that does nothing, once it runs. */
async function server(mark: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'console.log(); setInterval(() => {}, 9e5)', mark]);
  await once(child.stdout, 'data');
  return Object.assign(child, { pid: child.pid ?? 0 });
}

describe('the record of a shop whose servers run', () => {
  it('leads to what a killed shop left, which is stopped, its sockets and itself removed', async () => {
    const data = folder();
    const [record, sockets] = [join(data, 'servers.json'), join(data, 'shop-sockets')];
    mkdirSync(sockets);
    const [one, other] = await Promise.all([server('mark:1'), server('mark:2')]);
    const exits = [once(one, 'exit'), once(other, 'exit')];
    writePidfile(record, {
      sockets,
      processes: [
        { pid: one.pid, mark: 'mark:1' },
        { pid: other.pid, mark: 'mark:2' },
      ],
    });
    expect(await stopStale(record)).toBe(2);
    expect((await Promise.all(exits)).map(([, signal]) => signal)).toEqual(['SIGTERM', 'SIGTERM']);
    expect([existsSync(record), existsSync(sockets)]).toEqual([false, false]);
    expect(await stopStale(record)).toBe(0);
  });

  it('never ends a process of somebody else that has the number by now', async () => {
    const data = folder();
    const record = join(data, 'servers.json');
    const stranger = await server('of somebody else');
    const processes = [{ pid: stranger.pid, mark: 'mark:1' }];
    writePidfile(record, { sockets: join(data, 'shop-sockets'), processes });
    expect(await stopStale(record)).toBe(0);
    expect(isOurs({ pid: stranger.pid, mark: 'of somebody else' })).toBe(true);
    const exited = once(stranger, 'exit');
    stranger.kill();
    await exited;
    expect(isOurs({ pid: stranger.pid, mark: 'of somebody else' })).toBe(false);
  });

  it('leaves a folder alone that is no folder of sockets', async () => {
    const data = folder();
    const record = join(data, 'servers.json');
    mkdirSync(join(data, 'mine'));
    writePidfile(record, { sockets: join(data, 'mine'), processes: [] });
    await stopStale(record);
    expect(existsSync(join(data, 'mine'))).toBe(true);
  });
});

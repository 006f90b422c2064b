import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { SETTING } from '../../../../lambda/shared/runtime/settings';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import { openSql } from '../../../../lambda/shared/sql/open';
import { usersMigrations } from '../../../../lambda/users/migrations';
import { compiled } from '../../../../local/compiled';
import { cleanup } from '../../../support/cleanup';
import { describeWithSmallDisk, type SmallDisk } from '../../../support/small-disk';
import { eventually } from '../../../support/until';

const ROOT = join(__dirname, '../../../..');

/** Makes a log line of 15 KB: a hundred of them are more than the process keeps waiting. */
const LONG_PATH = `/api/${'x'.repeat(15_000)}`;

let data: string;
let child: ChildProcess;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'shop-log-'));
  const schemas = { users: usersMigrations, inventory: inventoryMigrations };
  for (const [name, migrations] of Object.entries(schemas)) {
    const sql = await openSql(database(name));
    await migrate(sql, migrations);
    await sql.close();
  }
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

const database = (schema: string) => `file:${join(data, `${schema}.db`)}`;

/** Node's own warnings go to stderr, and may come at any time once the program runs. */
const WARNING = `data:text/javascript,setInterval(() => {
  if (process.stderr.listenerCount('error') > 0) process.emitWarning('one of many');
}, 100).unref()`;

/** A program that hosts run. */
function start(output: number | 'pipe', errors: number | 'pipe', file = 'server.ts'): ChildProcess {
  const program = ['--import', WARNING, ...compiled(`lambda/hosts/${file}`)];
  const child = spawn(process.execPath, program, {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      [SETTING.usersDatabase]: database('users'),
      [SETTING.inventoryDatabase]: database('inventory'),
      [SETTING.media]: `file:${join(data, 'media')}`,
      [SETTING.hostRole]: 'box',
      [SETTING.dataFolder]: data,
      [SETTING.port]: '0',
    },
    stdio: ['ignore', output, errors],
  });
  cleanup(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'exit');
  });
  return child;
}

/** The port, once the log says that the shop serves. */
const portIn = (text: () => string) =>
  eventually(async () => {
    const [, port] = /"port":(\d+),"msg":"serving"/.exec(text()) ?? [];
    if (!port) throw new Error(`The shop does not serve: ${text()}`);
    return Number(port);
  });

/** At a time: no more than are answered in a turn of the event loop however busy the machine is (decision 0134). */
const TOGETHER = 50;

async function statuses(port: number, path: string, count: number): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) {
    const some = Array.from({ length: Math.min(TOGETHER, count - all.length) }, async () => {
      const { status } = await fetch(`http://127.0.0.1:${port}${path}`);
      return status;
    });
    all.push(...(await Promise.all(some)));
  }
  return all;
}

describeWithSmallDisk('a process whose log is on a disk that is full', (mount) => {
  let disk: SmallDisk;
  let port: number;
  const log = () => readFileSync(join(disk.folder, 'app.log'), 'utf8');
  const lines = () =>
    log()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const requests = () => lines().filter(({ msg }) => msg === 'request').length;

  beforeAll(async () => {
    disk = mount();
    cleanup(() => disk.remove());
    // systemd puts both into one file, where warnings may come between the parts of a line; here each line is counted.
    const outputs = ['app.log', 'errors.log'].map((name) => openSync(join(disk.folder, name), 'a'));
    child = start(outputs[0] as number, outputs[1] as number);
    outputs.forEach(closeSync);
    port = await portIn(log);
  });

  it('loses nothing when the disk is full for a moment', async () => {
    disk.fill();
    await statuses(port, LONG_PATH, 20);
    disk.free();
    await eventually(async () => expect(requests()).toBe(20));
    expect(log()).not.toContain('log lines were lost');
  });

  it('goes on answering, and reports how many lines were lost once there is room', async () => {
    const before = requests();
    disk.fill();
    const answered = [];
    for (let round = 0; round < 10; round++) answered.push(...(await statuses(port, LONG_PATH, 30)));
    expect(new Set(answered)).toEqual(new Set([404]));
    disk.free();
    await eventually(async () => expect(log()).toContain('log lines were lost'));
    await eventually(async () => {
      const [{ level, lost, err }] = lines().filter(({ lost }) => lost !== undefined);
      expect([level, err.code]).toEqual(['warn', 'ENOSPC']);
      expect(lost).toBeGreaterThan(100);
      expect(requests() - before + lost).toBe(300);
    });
  });

  it('finishes what is under way on SIGTERM, and ends', async () => {
    disk.fill();
    await statuses(port, LONG_PATH, 200);
    const body = JSON.stringify({ email: 'eve@example.com', password: 'a long enough one' });
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    cleanup(() => socket.destroy());
    const headers = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    socket.write(`POST /api/sessions HTTP/1.1\r\n${headers}\r\n\r\n${body.slice(0, 20)}`);
    // Its answer shows that the shop has read the requests before it.
    await statuses(port, '/healthz', 1);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await eventually(() => expect(statuses(port, '/healthz', 1)).rejects.toThrow());
    socket.write(body.slice(20));
    const [answer] = await once(socket, 'data');
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(await ended).toEqual([0, null]);
  });
});

(existsSync('/dev/full') ? it : it.skip)(
  'the migrations that come before a start succeed although their output takes nothing',
  async () => {
    const full = openSync('/dev/full', 'w');
    child = start(full, full, 'migrate.ts');
    closeSync(full);
    expect(await once(child, 'exit')).toEqual([0, null]);
  },
);

describe('a process whose log is a pipe that nobody reads', () => {
  it('goes on answering, and ends on SIGTERM', async () => {
    child = start('pipe', 'pipe');
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk;
    };
    child.stdout?.on('data', read);
    const port = await portIn(() => text);
    child.stdout?.off('data', read).pause();
    const answered = await statuses(port, LONG_PATH, 200);
    expect(new Set(answered)).toEqual(new Set([404]));
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

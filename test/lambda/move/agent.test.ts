import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { answerCommands } from '../../../lambda/move/agent';
import { type CommandName, type Mailbox, openMailbox } from '../../../lambda/move/mailbox';
import type { Mover } from '../../../lambda/move/mover';
import { WayBackClosedError } from '../../../lambda/move/placement';
import type { CheckResult, MoveResult, Report } from '../../../lambda/move/progress';
import { askAndWatch, BusyError, NoAnswerError } from '../../../lambda/move/watch';
import { type ConditionalS3, startConditionalS3 } from './conditional-s3';

const log = pino({ level: 'silent' });

const moved: MoveResult = {
  ...{ to: 'managed', moved: true, passes: 3, rowsCarried: 12_345, files: 7, bytes: 2_500_000 },
  tables: [{ name: 'inventory.reservation_items', rows: 1_234_567, hash: 'FEDCBA9876543210' }],
  ...{ frozenMs: 412, held: 3, refused: 0 },
};

const checked: CheckResult = {
  ...{ data: 'box', same: false, files: 7, bytes: 2_500_000, differentFiles: 1, ms: 1200 },
  tables: [
    { name: 'users.users', rows: 10, otherRows: 9, different: 1, inMotion: 0, examples: ['0197-an-id'] },
    { name: 'users.sessions', rows: 10, otherRows: 10, different: 0, inMotion: 0, examples: [] },
  ],
};

describe('the box and the deployer’s machine', () => {
  let s3: ConditionalS3;
  let mailbox: Mailbox;
  let buckets = 0;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    s3 = await startConditionalS3();
  });

  afterAll(() => s3.stop());

  beforeEach(async () => {
    const bucket = `deployments-${++buckets}`;
    await s3.createBucket(bucket);
    mailbox = openMailbox(s3.client, bucket);
  });

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  /** The app on the box, with a mover that takes as long as `work` does. */
  const app = (work: (report: Report, signal?: AbortSignal) => Promise<void>) => {
    const asked: string[] = [];
    const mover: Mover = {
      move: async (to, _by, { report, signal }) => {
        asked.push(to);
        await work(report, signal);
        return { ...moved, to };
      },
      check: async ({ report, signal }) => {
        asked.push('check');
        await work(report, signal);
        return checked;
      },
      data: () => 'box',
    };
    const stop = answerCommands({ mailbox, mover, log, everyMs: 10, sayMs: 10 });
    stops.push(stop);
    return { asked, stop };
  };

  const command = async (name: CommandName, { isTTY = false, silentMs = 3000 } = {}) => {
    let text = '';
    const out = { isTTY, write: (more: string) => (text += more) };
    const ok = await askAndWatch({ mailbox, command: name, out, everyMs: 10, silentMs });
    return { ok, text };
  };

  const steps = async (report: Report) => {
    for (const step of ['rows', 'freeze', 'verify'] as const) {
      await report({ step, pass: 1, table: 'users.users', done: 1000, total: 4000 });
      await sleep(60);
    }
  };

  test('a move is asked for, carried out, shown as it goes, and reported', async () => {
    const { asked } = app(steps);
    const { ok, text } = await command('move');
    expect(ok).toBe(true);
    expect(asked).toEqual(['managed']);
    expect(text).toContain('1.  Rows  users.users  1,000 of 4,000  25 %');
    expect(text).toContain('What a shopper notices now: nothing');
    expect(text).toContain('What a shopper notices now: reading goes on; what is bought or saved now waits');
    expect(text).toContain('inventory.reservation_items  1,234,567');
    expect(text.replaceAll('\n', ' ')).toContain(
      'Writes were held for 0.41 s. Meanwhile 3 waited and went on; none was refused.',
    );
  });

  test.each([true, false])('what is shown fits 80 columns (terminal: %s)', async (isTTY) => {
    app(steps);
    for (const name of ['move', 'check', 'back'] as const) {
      const { text } = await command(name, { isTTY });
      const lines = text.split(/\n|\r/).map((line) => line.replace('\u001B[K', ''));
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(text.includes('\u001B')).toBe(isTTY);
    }
  });

  test('a check that finds differences says which, and fails', async () => {
    app(steps);
    const { ok, text } = await command('check');
    expect(ok).toBe(false);
    expect(text).toContain('users.users: 0197-an-id');
    expect(text).toContain('changed nothing');
  });

  test('a move that fails says why, where the data is, and is not tried again by itself', async () => {
    const { asked } = app(() => Promise.reject(new Error('users.users is not the same')));
    const { ok, text } = await command('move');
    expect(ok).toBe(false);
    expect(text.replaceAll('\n', ' ')).toContain(
      'users.users is not the same. The data is on the box, complete.',
    );
    await sleep(60);
    expect(asked).toEqual(['managed']);
  });

  test('a way back that is closed is refused, with the reason, and asking again is not suggested', async () => {
    app(() => Promise.reject(new WayBackClosedError()));
    const { ok, text } = await command('back');
    expect(ok).toBe(false);
    expect(text.replaceAll('\n', ' ')).toContain('The way back is closed since phase 3 was deployed');
    expect(text).not.toContain('goes on from here');
  });

  test('a command that ended is not carried out again, by a new process neither', async () => {
    const first = app(steps);
    await command('back');
    await first.stop();
    const second = app(steps);
    await sleep(60);
    expect(first.asked).toEqual(['box']);
    expect(second.asked).toEqual([]);
  });

  test('a move that a restart interrupted goes on by itself', async () => {
    const first = app((_report, signal) => aborted(signal));
    const watching = command('move');
    while (first.asked.length === 0) await sleep(5);
    await first.stop();
    const second = app(steps);
    expect((await watching).ok).toBe(true);
    expect(second.asked).toEqual(['managed']);
  });

  test('a move that keeps ending its process is given up', async () => {
    await mailbox.ask({ id: 'deadly', command: 'move' });
    for (let start = 1; start <= 6; start++) {
      const { asked, stop } = app((_report, signal) => aborted(signal));
      for (let turn = 0; turn < 60 && asked.length === 0; turn++) await sleep(5);
      await stop();
    }
    expect(await mailbox.status()).toMatchObject({ id: 'deadly', state: 'failed', starts: 5 });
  });

  test('a second call joins the command that is under way, and another command has to wait', async () => {
    const { asked } = app(() => sleep(400));
    const first = command('move');
    while (asked.length === 0) await sleep(5);
    await expect(command('back')).rejects.toThrow(BusyError);
    const { ok, text } = await command('move');
    expect(text).toContain('is at it already');
    expect(ok).toBe(true);
    expect((await first).ok).toBe(true);
    expect(asked).toEqual(['managed']);
  });

  test('when nobody answers, the command says so instead of waiting for ever', async () => {
    await expect(command('move', { silentMs: 80 })).rejects.toThrow(NoAnswerError);
  });
});

const aborted = (signal: AbortSignal | undefined) =>
  new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });

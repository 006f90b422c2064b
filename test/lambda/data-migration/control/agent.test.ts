import { pino } from 'pino';
import { answerCommands } from '../../../../lambda/data-migration/control/agent';
import {
  CommandRunningError,
  NoAnswerError,
  runCommand,
} from '../../../../lambda/data-migration/control/cli';
import {
  type CommandName,
  type Mailbox,
  openMailbox,
} from '../../../../lambda/data-migration/control/mailbox';
import type { CheckResult, MoveResult, Report } from '../../../../lambda/data-migration/control/progress';
import type { Mover } from '../../../../lambda/data-migration/mover';
import { WayBackClosedError } from '../../../../lambda/data-migration/placement/placement';
import { cleanup } from '../../../support/cleanup';
import { until } from '../../../support/until';
import { type ConditionalS3, startConditionalS3 } from '../conditional-s3';

const log = pino({ level: 'silent' });
const to = { move: 'managed', back: 'box' } as const;

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
  /** Number of times that an app looked for a command. */
  let looks = 0;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    s3 = await startConditionalS3();
  });

  beforeEach(async () => {
    const bucket = `deployments-${++buckets}`;
    await s3.createBucket(bucket);
    const opened = openMailbox(s3.client, bucket);
    mailbox = {
      ...opened,
      command: () => {
        looks++;
        return opened.command();
      },
    };
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
    const stop = cleanup(answerCommands({ mailbox, mover, to, log, everyMs: 10, sayMs: 10 }));
    stops.push(stop);
    return { asked, stop };
  };

  /** Resolves when an app has looked for a command, and has done so again after that. */
  const lookedAgain = () => {
    const before = looks;
    return until(() => looks > before + 2);
  };

  let printed = '';
  const command = async (name: CommandName, { isTTY = false, silentMs = 600_000 } = {}) => {
    printed = '';
    const out = { isTTY, write: (more: string) => (printed += more) };
    const ok = await runCommand({ mailbox, command: name, out, everyMs: 10, silentMs });
    return { ok, text: printed };
  };

  /** Each step lasts until it was shown: the agent leaves out reports that follow each other too soon. */
  const steps = async (report: Report, signal?: AbortSignal) => {
    for (const [step, shown] of [
      ['rows', 'Rows'],
      ['freeze', 'Pausing writes'],
      ['verify', 'Verifying'],
    ] as const) {
      const from = printed.length;
      await until(async () => {
        signal?.throwIfAborted();
        await report({ step, pass: 1, table: 'users.users', done: 1000, total: 4000 });
        return printed.slice(from).includes(shown);
      });
    }
  };

  test('a move is requested, executed, shown while it runs, and reported', async () => {
    const { asked } = app(steps);
    const { ok, text } = await command('move');
    expect(ok).toBe(true);
    expect(asked).toEqual(['managed']);
    expect(text).toContain('1.  Rows  users.users  1,000 of 4,000  25 %');
    // A step that is over is told while the next ones go on.
    expect(text).toMatch(/1\. {2}Rows {2}\d+\.\d\d s\n[\s\S]*1\. {2}Verifying {2}users\.users/);
    expect(text).toContain('Effect on shoppers: none');
    expect(text).toContain('Effect on shoppers: reads go on; purchases and changes wait');
    expect(text).toContain('inventory.reservation_items  1,234,567');
    expect(text.replaceAll('\n', ' ')).toContain(
      'Writes were paused for 0.41 s: 3 were delayed, none refused.',
    );
  });

  test('a move that is over before anybody looked shows its steps all the same', async () => {
    app(async (report) => {
      await report({ step: 'start', pass: 0, done: 0, total: 0 });
      for (const step of ['rows', 'rows', 'photos', 'freeze', 'verify', 'switch'] as const)
        await report({ step, pass: 1, done: 1, total: 1 });
    });
    const { text } = await command('move');
    const shown = [
      'Reading the tables',
      '1.  Rows',
      '1.  Photos',
      '1.  Pausing writes',
      '1.  Verifying',
      '1.  Switching',
    ];
    expect(text.split('\n').filter((line) => / {2}0\.\d\d s$/.test(line))).toEqual(
      shown.map((step) => expect.stringMatching(new RegExp(`^${step}  0\\.\\d\\d s$`))),
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
      'users.users is not the same. The data is complete on the box.',
    );
    await lookedAgain();
    expect(asked).toEqual(['managed']);
  });

  test('a way back that is closed is refused, with the reason, and asking again is not suggested', async () => {
    app(() => Promise.reject(new WayBackClosedError()));
    const { ok, text } = await command('back');
    expect(ok).toBe(false);
    expect(text.replaceAll('\n', ' ')).toContain('The way back is closed');
    expect(text).not.toContain('again to continue');
  });

  test('a command that ended is not carried out again, by a new process neither', async () => {
    const first = app(steps);
    await command('back');
    await first.stop();
    const second = app(steps);
    await lookedAgain();
    expect(first.asked).toEqual(['box']);
    expect(second.asked).toEqual([]);
  });

  test('a move that a restart interrupted goes on by itself', async () => {
    const first = app((_report, signal) => aborted(signal));
    const watching = command('move');
    await until(() => first.asked.length > 0);
    await first.stop();
    const second = app(steps);
    expect((await watching).ok).toBe(true);
    expect(second.asked).toEqual(['managed']);
  });

  test('a move that keeps ending its process is given up', async () => {
    await mailbox.ask({ id: 'deadly', command: 'move' });
    for (let start = 1; start <= 6; start++) {
      const { asked, stop } = app((_report, signal) => aborted(signal));
      await until(async () => asked.length > 0 || (await mailbox.status())?.state === 'failed');
      await stop();
    }
    expect(await mailbox.status()).toMatchObject({ id: 'deadly', state: 'failed', starts: 5 });
  });

  test('a second call joins the command that is under way, and another command has to wait', async () => {
    const { asked } = app(() => until(() => printed.includes('already executing this command')));
    const first = command('move');
    await until(() => asked.length > 0);
    await expect(command('back')).rejects.toThrow(CommandRunningError);
    const { ok, text } = await command('move');
    expect(text).toContain('already executing this command');
    expect(ok).toBe(true);
    expect((await first).ok).toBe(true);
    expect(asked).toEqual(['managed']);
  });

  test('a mailbox that does not answer for a moment ends neither the agent nor a move', async () => {
    const { command: look, say } = mailbox;
    let looked = 0;
    let lost = 0;
    mailbox.command = () => (looked++ === 0 ? Promise.reject(new Error('away')) : look());
    mailbox.say = (status) =>
      status.progress && lost++ === 0 ? Promise.reject(new Error('away')) : say(status);
    const { asked } = app(async (report) => {
      await report({ step: 'rows', pass: 1, done: 0, total: 0 });
      await until(() => lost > 1);
    });
    expect((await command('move')).ok).toBe(true);
    expect(asked).toEqual(['managed']);
  });

  test('the end of a command is its last word, though a report of before is slow to be stored', async () => {
    const { say } = mailbox;
    let store = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      store = resolve;
    });
    let reports = 0;
    let stored = false;
    mailbox.say = async (status) => {
      if (!status.progress || reports++ > 0) return say(status);
      await slow;
      await say(status);
      stored = true;
    };
    const { asked } = app(async (report) => {
      await report({ step: 'rows', pass: 1, done: 0, total: 0 });
      await until(() => reports > 0);
      setTimeout(store, 50);
    });
    expect((await command('move')).ok).toBe(true);
    await until(() => stored);
    await lookedAgain();
    expect([asked, (await mailbox.status())?.state]).toEqual([['managed'], 'done']);
  });

  test('an app that stops waits until its move has come to an end', async () => {
    let goOn = (): void => undefined;
    let ended = false;
    const { asked, stop } = app(async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      ended = true;
    });
    await mailbox.ask({ id: 'long', command: 'move' });
    await until(() => asked.length > 0);
    const stopped = stop().then(() => ended);
    await new Promise(setImmediate);
    goOn();
    expect(await stopped).toBe(true);
  });

  test('a box that reports is waited for, however long it takes', async () => {
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    cleanup(() => clock.mockRestore());
    let looked = 0;
    const { status } = mailbox;
    mailbox.status = async () => {
      const asked = await mailbox.command();
      if (!asked) return status();
      now += 60_000;
      const done = ++looked > 5 && { state: 'done' as const, result: { kind: 'moved' as const, ...moved } };
      return { ...asked, state: 'running', starts: 1, at: `look ${looked}`, ...done };
    };
    expect((await command('move', { silentMs: 100_000 })).ok).toBe(true);
    clock.mockRestore();
  });

  test('a command of a box that ended long ago keeps nobody from another one', async () => {
    const old = { id: 'old', command: 'move' } as const;
    await mailbox.ask(old);
    const at = new Date(Date.now() - 3_600_000).toISOString();
    await mailbox.say({ ...old, state: 'running', starts: 1, at });
    const back = command('back');
    await until(async () => (await mailbox.command())?.id !== 'old');
    const { asked } = app(steps);
    expect((await back).ok).toBe(true);
    expect(asked).toEqual(['box']);
  });

  test('the command fails when the box does not respond in time', async () => {
    await expect(command('move', { silentMs: 80 })).rejects.toThrow(NoAnswerError);
  });
});

const aborted = (signal: AbortSignal | undefined) =>
  new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });

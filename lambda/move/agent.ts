import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../shared/log';
import type { Command, Mailbox, Result, Status } from './mailbox';
import type { Mover } from './mover';
import { WayBackClosedError } from './placement';
import type { Progress } from './progress';

/** An app that is restarted this often during one command is perhaps restarted because of it. */
const MOST_STARTS = 5;

export interface AgentOptions {
  readonly mailbox: Mailbox;
  readonly mover: Mover;
  readonly log: Logger;
  /** Between two looks into the mailbox. Default 10 s: two GETs each, 0.21 USD a month. */
  readonly everyMs?: number;
  /** Between two words about the progress. Default 1 s. */
  readonly sayMs?: number;
}

/**
 * Carries out the commands that come through the mailbox, inside the process that serves the shop, until the function
 * that it returns is called. A command that a restart interrupted goes on by itself; one that ended is not done again.
 */
export function answerCommands({ mailbox, mover, log, everyMs = 10_000, sayMs = 1_000 }: AgentOptions) {
  const stopping = new AbortController();
  const { signal } = stopping;

  const look = async (): Promise<void> => {
    const command = await mailbox.command();
    if (!command) return;
    const before = await mailbox.status();
    const known = before?.id === command.id ? before : undefined;
    if (known && known.state !== 'running') return;
    const starts = (known?.starts ?? 0) + 1;
    if (starts > MOST_STARTS) {
      return end(command, MOST_STARTS, { state: 'failed', error: TOO_MANY_STARTS, data: mover.data() });
    }
    await mailbox.say({ ...command, starts, state: 'running', at: now() });
    log.info({ command, starts }, 'move: begins');
    const ending = await carryOut(command, starts);
    if (ending) await end(command, starts, ending);
  };

  const carryOut = async (command: Command, starts: number): Promise<Ending | undefined> => {
    const telling = tellProgress(mailbox, { ...command, starts }, sayMs, log);
    try {
      return { state: 'done', result: await resultOf(mover, command, telling.report, signal) };
    } catch (error) {
      // The next process goes on with it.
      if (signal.aborted) return undefined;
      log.error({ err: error, command }, 'move: failed');
      const final = error instanceof WayBackClosedError;
      return { state: 'failed', error: (error as Error).message, data: mover.data(), final };
    } finally {
      await telling.stop();
    }
  };

  const end = async (command: Command, starts: number, ending: Ending): Promise<void> => {
    log.info({ command, state: ending.state }, 'move: ended');
    await mailbox.say({ ...command, starts, at: now(), ...ending });
  };

  const round = async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => log.warn({ err: error }, 'move: the mailbox did not answer'));
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const rounds = round();

  return async (): Promise<void> => {
    stopping.abort(new Error('The app is being stopped'));
    await rounds;
  };
}

type Ending = Pick<Status, 'state' | 'result' | 'error' | 'data' | 'final'>;

const TOO_MANY_STARTS = `The app was restarted ${MOST_STARTS} times meanwhile; its log says why`;

const now = () => new Date().toISOString();

async function resultOf(
  mover: Mover,
  { id, command }: Command,
  report: (progress: Progress) => Promise<void>,
  signal: AbortSignal,
): Promise<Result> {
  if (command === 'check') return { kind: 'checked', ...(await mover.check({ report, signal })) };
  const to = command === 'move' ? 'managed' : 'box';
  return { kind: 'moved', ...(await mover.move(to, `${command} ${id}`, { report, signal })) };
}

/** Says the latest progress once in a while. The mover never waits for it: writes may be held meanwhile. */
function tellProgress(
  mailbox: Mailbox,
  command: Pick<Status, 'id' | 'command' | 'starts'>,
  everyMs: number,
  log: Logger,
) {
  const stopping = new AbortController();
  const { signal } = stopping;
  let latest: Progress | undefined;
  const tell = async () => {
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const status: Status = { ...command, state: 'running', at: now(), ...(latest && { progress: latest }) };
      await mailbox
        .say(status)
        .catch((error: unknown) => log.warn({ err: error }, 'move: could not tell progress'));
    }
  };
  const told = tell();
  return {
    report: async (progress: Progress) => {
      latest = progress;
    },
    stop: async () => {
      stopping.abort();
      await told;
    },
  };
}

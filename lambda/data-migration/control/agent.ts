import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../shared/runtime/log';
import type { Mover } from '../mover';
import { type Place, WayBackClosedError } from '../placement/placement';
import type { Command, Mailbox, Result, Status } from './mailbox';
import type { Progress, TimedStep } from './progress';

/** An app that restarts this often during one command probably restarts because of it. */
const MOST_STARTS = 5;

export interface AgentOptions<At extends string = Place> {
  readonly mailbox: Mailbox;
  readonly mover: Mover<At>;
  /** The side to which each command moves the data. */
  readonly to: Readonly<Record<'move' | 'back', At>>;
  readonly log: Logger;
  /** Interval of polling the mailbox. Default 10 s: two GETs each, 0.21 USD a month. */
  readonly everyMs?: number;
  /** Interval of progress reports. Default 1 s. */
  readonly sayMs?: number;
  /** A command that was begun this often is given up. Default 5. */
  readonly mostStarts?: number;
}

/**
 * Executes commands from the mailbox, inside the process that serves the shop. Returns the stop function. A command
 * that a restart interrupted is resumed; one that ended is not repeated.
 */
export function answerCommands(options: AgentOptions) {
  const { log, everyMs = 10_000 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const round = async () => {
    while (!signal.aborted) {
      await answerCommand(options, signal).catch((error: unknown) =>
        log.warn({ err: error }, 'move: could not read the mailbox'),
      );
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const rounds = round();

  return async (): Promise<void> => {
    stopping.abort(new Error('The app is stopping'));
    await rounds;
  };
}

/** The command in the mailbox, with the number of its starts so far; undefined if none waits or runs. */
export async function pendingCommand(
  mailbox: Pick<Mailbox, 'command' | 'status'>,
): Promise<(Command & { readonly starts: number }) | undefined> {
  const command = await mailbox.command();
  if (!command) return undefined;
  const before = await mailbox.status();
  const known = before?.id === command.id ? before : undefined;
  if (known && known.state !== 'running') return undefined;
  return { ...command, starts: known?.starts ?? 0 };
}

/** Executes the command in the mailbox if it has not ended. After the signal it is left to the next process. */
export async function answerCommand<At extends string>(
  { mailbox, mover, to, log, sayMs = 1_000, mostStarts = MOST_STARTS }: AgentOptions<At>,
  signal: AbortSignal,
): Promise<void> {
  const look = async (): Promise<void> => {
    const found = await pendingCommand(mailbox);
    if (!found) return;
    const { starts: before, ...command } = found;
    const starts = before + 1;
    if (starts > mostStarts) {
      const error = `The app was restarted ${mostStarts} times during the command; see its log`;
      return end(command, mostStarts, { state: 'failed', error, data: mover.data() });
    }
    await mailbox.say({ ...command, starts, state: 'running', at: now() });
    log.info({ command, starts }, 'move: started');
    const ending = await carryOut(command, starts);
    if (ending) await end(command, starts, ending);
  };

  const carryOut = async (command: Command, starts: number): Promise<Ending | undefined> => {
    const telling = tellProgress(mailbox, { ...command, starts }, sayMs, log);
    try {
      const result = await resultOf(mover, to, command, telling.report, signal);
      return { state: 'done', result, steps: telling.steps() };
    } catch (error) {
      // The next process resumes it.
      if (signal.aborted) return undefined;
      log.error({ err: error, command }, 'move: failed');
      const final = error instanceof WayBackClosedError;
      const { message } = error as Error;
      return { state: 'failed', error: message, data: mover.data(), final, steps: telling.steps() };
    } finally {
      await telling.stop();
    }
  };

  const end = async (command: Command, starts: number, ending: Ending): Promise<void> => {
    log.info({ command, state: ending.state }, 'move: ended');
    await mailbox.say({ ...command, starts, at: now(), ...ending });
  };

  return look();
}

type Ending = Pick<Status, 'state' | 'result' | 'error' | 'data' | 'final' | 'steps'>;

const now = () => new Date().toISOString();

async function resultOf<At extends string>(
  mover: Mover<At>,
  to: AgentOptions<At>['to'],
  { id, command }: Command,
  report: (progress: Progress) => Promise<void>,
  signal: AbortSignal,
): Promise<Result> {
  if (command === 'check') return { kind: 'checked', ...(await mover.check({ report, signal })) };
  const by = `${command} ${id}`;
  if (command === 'drop') {
    if (!mover.drop) throw new Error('Nothing is dropped by this move');
    await mover.drop(by, { report, signal });
    return { kind: 'dropped', data: mover.data() };
  }
  return { kind: 'moved', ...(await mover.move(to[command], by, { report, signal })) };
}

/** Reports the latest progress periodically. The mover never waits for it, since it may be holding writes. */
function tellProgress(
  mailbox: Mailbox,
  command: Pick<Status, 'id' | 'command' | 'starts'>,
  everyMs: number,
  log: Logger,
) {
  const stopping = new AbortController();
  const { signal } = stopping;
  let latest: Progress | undefined;
  const begun: (Pick<Progress, 'step' | 'pass'> & { readonly at: number })[] = [];
  const steps = (): TimedStep[] =>
    begun.map(({ step, pass, at }, n) => ({
      ...{ step, pass },
      ms: Math.round((begun[n + 1]?.at ?? performance.now()) - at),
    }));
  const tell = async () => {
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const progress = latest && { progress: latest, steps: steps() };
      const status: Status = { ...command, state: 'running', at: now(), ...progress };
      await mailbox
        .say(status)
        .catch((error: unknown) => log.warn({ err: error }, 'move: could not report progress'));
    }
  };
  const told = tell();
  return {
    report: async (progress: Progress) => {
      const { step, pass } = progress;
      if (latest?.step !== step || latest.pass !== pass) begun.push({ step, pass, at: performance.now() });
      latest = progress;
    },
    steps,
    stop: async () => {
      stopping.abort();
      await told;
    },
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandName, Mailbox, Status } from './mailbox';
import type { TimedStep } from './progress';
import { noticeLine, outcome, progressLine, stepLine, succeeded } from './report';

/** Time for the box to respond: it polls every 10 s, and a new release may be starting. */
const SILENT_MS = 3 * 60_000;

export interface RunCommandOptions {
  readonly mailbox: Mailbox;
  readonly command: CommandName;
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean };
  /** Polling interval. Default 1 s. */
  readonly everyMs?: number;
  /** Maximum time without a response from the executor. Default 3 minutes. */
  readonly silentMs?: number;
  /** Default: the app on the box. */
  readonly executor?: Executor;
}

/** The process that executes commands, in words. */
export interface Executor {
  /** In the middle of a sentence. */
  readonly name: string;
  /** The command that a person runs. */
  readonly command: string;
  /** Said after a command was sent. */
  readonly sent: string;
  /** Said after it did not respond: the question that leads to the cause. */
  readonly silent: string;
  /**
   * Makes it look at the mailbox. Called at each look, with the time since it was last heard; a rejection ends the
   * command. Absent if it looks by itself.
   */
  readonly wake?: (silentForMs: number) => Promise<void>;
}

const THE_BOX: Executor = {
  name: 'the box',
  command: 'npm run move',
  sent: 'Command sent. The box polls every 10 seconds and continues if you press Ctrl+C.',
  silent: 'Is phase 2 deployed, and is its release running?',
};

/** The executor is at work on another command. */
export class CommandRunningError extends Error {
  override name = 'CommandRunningError';
}

/** The executor does not respond. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
}

/**
 * Sends a command, or joins the same one if it is running, and shows its progress. False if it failed.
 * @throws CommandRunningError, NoAnswerError
 */
export async function runCommand(options: RunCommandOptions): Promise<boolean> {
  const { mailbox, out, everyMs = 1_000, silentMs = SILENT_MS, executor = THE_BOX } = options;
  const command = await askOrJoin(options);
  const show = screen(out);
  let heardAt = Date.now();
  let last = '';
  for (;;) {
    const status = await mailbox.status();
    if (status?.id === command.id) {
      if (status.state !== 'running') {
        show.end(status);
        return succeeded(status);
      }
      if (status.at !== last) heardAt = Date.now();
      last = status.at;
      show.progress(status);
    }
    const silentFor = Date.now() - heardAt;
    if (silentFor > silentMs) throw new NoAnswerError(silence(executor, silentMs));
    await executor.wake?.(silentFor);
    await sleep(everyMs);
  }
}

async function askOrJoin({
  mailbox,
  command: name,
  out,
  silentMs = SILENT_MS,
  executor = THE_BOX,
}: RunCommandOptions): Promise<Command> {
  const { name: who, command: typed, sent } = executor;
  const [before, status] = await Promise.all([mailbox.command(), mailbox.status()]);
  const running = status?.state === 'running' && Date.now() - Date.parse(status.at) < silentMs;
  if (before && running && status.id === before.id) {
    if (before.command !== name) {
      throw new CommandRunningError(
        `${capitalized(who)} is executing "${before.command}". Wait until it ends; \`${typed}\` with the same option shows it`,
      );
    }
    out.write(`${capitalized(who)} is already executing this command. Its progress:\n`);
    return before;
  }
  const command = { id: randomUUID(), command: name };
  await mailbox.ask(command);
  out.write(`${sent}\n`);
  return command;
}

const silence = ({ name, silent }: Executor, ms: number) =>
  `${capitalized(name)} did not respond for ${Math.round(ms / 1000)} s. ${silent} It will execute the command once it is back; run the same command again to see it.`;

const capitalized = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** A line for each step that is over, and on a terminal one that is updated; elsewhere a new one per table. */
function screen(out: RunCommandOptions['out']) {
  let [notice, place] = ['', ''];
  let shown = 0;
  const clear = out.isTTY ? '\r\u001B[K' : '';
  const over = (steps: readonly TimedStep[]) => {
    for (const step of steps.slice(shown)) out.write(`${clear}${stepLine(step)}\n`);
    shown = Math.max(shown, steps.length);
  };
  return {
    progress: ({ progress, steps = [] }: Status) => {
      if (!progress) return;
      over(steps.slice(0, -1));
      const now = noticeLine(progress);
      if (now !== notice) out.write(`${clear}${now}\n`);
      notice = now;
      const here = `${progress.pass} ${progress.step} ${progress.table}`;
      if (out.isTTY) out.write(`${clear}${progressLine(progress)}`);
      else if (here !== place) out.write(`${progressLine(progress)}\n`);
      place = here;
    },
    end: (status: Status) => {
      over(status.steps ?? []);
      out.write(`${clear}${outcome(status).join('\n')}\n`);
    },
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandName, Mailbox, Status } from './mailbox';
import { noticeLine, outcome, progressLine, succeeded } from './words';

/** What the box must have said something within: it looks every 10 s, and a new release may be starting. */
const SILENT_MS = 3 * 60_000;

export interface WatchOptions {
  readonly mailbox: Mailbox;
  readonly command: CommandName;
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean };
  /** Between two looks. Default 1 s. */
  readonly everyMs?: number;
  /** How long the box may say nothing. Default 3 minutes. */
  readonly silentMs?: number;
}

/** The box is at another command. */
export class BusyError extends Error {
  override name = 'BusyError';
}

/** Nobody answers the mailbox. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
}

/**
 * Asks the box for a command, or joins one that it is at, and shows how it goes. Resolves to whether it succeeded.
 * @throws BusyError, NoAnswerError
 */
export async function askAndWatch(options: WatchOptions): Promise<boolean> {
  const { mailbox, out, everyMs = 1_000, silentMs = SILENT_MS } = options;
  const command = await askOrJoin(options);
  const show = screen(out);
  let heardAt = Date.now();
  let last = '';
  for (;;) {
    const status = await mailbox.status();
    if (status?.id === command.id) {
      if (status.state !== 'running') {
        show.end(outcome(status));
        return succeeded(status);
      }
      if (status.at !== last) heardAt = Date.now();
      last = status.at;
      show.progress(status);
    }
    if (Date.now() - heardAt > silentMs) throw new NoAnswerError(silence(silentMs));
    await sleep(everyMs);
  }
}

async function askOrJoin({
  mailbox,
  command: name,
  out,
  silentMs = SILENT_MS,
}: WatchOptions): Promise<Command> {
  const [before, status] = await Promise.all([mailbox.command(), mailbox.status()]);
  const running = status?.state === 'running' && Date.now() - Date.parse(status.at) < silentMs;
  if (before && running && status.id === before.id) {
    if (before.command !== name) {
      throw new BusyError(
        `The box is at "${before.command}": wait for its end, \`npm run move\` with the same option shows it`,
      );
    }
    out.write('The box is at it already: this shows how it goes.\n');
    return before;
  }
  const command = { id: randomUUID(), command: name };
  await mailbox.ask(command);
  out.write('Asked. The box looks every 10 seconds; it goes on when this is interrupted.\n');
  return command;
}

const silence = (ms: number) =>
  `The box said nothing for ${Math.round(ms / 1000)} s. Is phase 2 deployed, and its release running? When it answers, it does what was asked; the same command shows it.`;

/** One line that changes on a terminal; elsewhere a line whenever there is another table or step. */
function screen(out: WatchOptions['out']) {
  let [notice, place] = ['', ''];
  const clear = out.isTTY ? '\r\u001B[K' : '';
  return {
    progress: ({ progress }: Status) => {
      if (!progress) return;
      const now = noticeLine(progress);
      if (now !== notice) out.write(`${clear}${now}\n`);
      notice = now;
      const here = `${progress.pass} ${progress.step} ${progress.table}`;
      if (out.isTTY) out.write(`${clear}${progressLine(progress)}`);
      else if (here !== place) out.write(`${progressLine(progress)}\n`);
      place = here;
    },
    end: (lines: readonly string[]) => out.write(`${clear}${lines.join('\n')}\n`),
  };
}

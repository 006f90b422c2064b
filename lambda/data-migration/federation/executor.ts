import type { Logger } from '../../shared/runtime/log';
import { answerCommand, pendingCommand } from '../control/agent';
import type { Mailbox } from '../control/mailbox';
import { MoverRunningError } from '../mover-lock';
import type { OpenedFederation } from './open-federation';

export interface ExecutorOptions {
  readonly mailbox: Mailbox;
  /** Opens both sides, for one command. */
  readonly open: () => Promise<OpenedFederation>;
  readonly log: Logger;
  /** After it, the command is left to the next call at the next consistent point. */
  readonly signal: AbortSignal;
}

const TO = { move: 'own', back: 'shared' } as const;
/** A command that outlasts a function is begun again by the next one: 50 of them are half a day. */
const MOST_STARTS = 50;

/**
 * Executes the command in the mailbox, if one waits, in the time that there is. Nothing happens while another executor is
 * at work on it.
 */
export async function executeFederation({ mailbox, open, log, signal }: ExecutorOptions): Promise<void> {
  const command = await pendingCommand(mailbox);
  if (!command) return;
  let opened: OpenedFederation;
  try {
    opened = await open();
  } catch (error) {
    if (error instanceof MoverRunningError) return;
    log.error({ err: error, command }, 'federate: could not open both sides');
    const at = new Date().toISOString();
    return mailbox.say({ ...command, state: 'failed', at, error: (error as Error).message });
  }
  try {
    await answerCommand({ mailbox, mover: opened.mover, to: TO, log, mostStarts: MOST_STARTS }, signal);
  } finally {
    await opened.close();
  }
}

import type { Mailbox } from './control/mailbox';
import { FIRST, type Marker, type Place } from './placement/placement';

/** The data is being moved or compared, or a command to do so is pending. */
export class MoveUnderWayError extends Error {
  override name = 'MoveUnderWayError';
  constructor() {
    super('The data is being moved at the moment: do this again when `npm run move` shows that it ended');
  }
}

/** A move may have missed the write. */
export class MovedMeanwhileError extends Error {
  override name = 'MovedMeanwhileError';
  constructor() {
    super('The data was moved or the app restarted at the same time, so the write may be lost: do it again');
  }
}

export interface Outside {
  readonly marker: Marker;
  readonly mailbox: Pick<Mailbox, 'command' | 'status'>;
}

/**
 * Runs an idempotent write, on the side that has the data, in a process that the mover's gate does not hold. It is safe
 * only if no move was under way before it and none after it: a move that begins later copies it (decision 0085).
 * @throws MoveUnderWayError if nothing was written, MovedMeanwhileError if the write may be lost
 */
export async function outsideWrite<Result>(
  outside: Outside,
  write: (place: Place) => Promise<Result>,
): Promise<Result> {
  const before = await look(outside);
  if (before.moving) throw new MoveUnderWayError();
  const result = await write(before.data);
  const after = await look(outside);
  if (after.moving || after.revision !== before.revision) throw new MovedMeanwhileError();
  return result;
}

/** Reads the mailbox first: a move that is no longer in it has flipped the marker already, if it does so at all. */
async function look({ marker, mailbox }: Outside) {
  const command = await mailbox.command();
  const status = await mailbox.status();
  const ended = !command || (status?.id === command.id && status.state !== 'running');
  const found = await marker.read();
  const { data, closed = false } = found?.placement ?? FIRST;
  // Once the way back is closed no flip succeeds, and the mover that would answer a command may no longer run.
  return { data, revision: found?.revision, moving: !ended && !closed };
}

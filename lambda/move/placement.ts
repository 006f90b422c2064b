/** Where the shop's data is: on the box (its own MariaDB and disk) or in the managed services (Aurora, S3). */
export type Place = 'box' | 'managed';

export interface Placement {
  readonly data: Place;
  /** ISO 8601. */
  readonly since: string;
  /** The command that brought it there. */
  readonly by: string;
  /** The process that may flip it: the last one that started. */
  readonly holder?: string;
  /** Other hosts use the managed side, so the data may not leave it: written by the guard of a deploy (decision 0026). */
  readonly closed?: true;
}

/** The placement before anything was moved, when no marker was ever written. */
export const FIRST: Placement = { data: 'box', since: new Date(0).toISOString(), by: 'nobody' };

/** A marker as it was read: `revision` names this very write, also among writes of equal content. */
export interface Marked {
  readonly placement: Placement;
  readonly revision: string;
}

/**
 * Where the placement is stored: the one truth about which side serves.
 * Implementations: `marker-s3.ts` and `marker-file.ts`, under one contract test.
 */
export interface Marker {
  /** Undefined when none was ever written. */
  read(): Promise<Marked | undefined>;
  /**
   * Stores `next` when the marker is still the one that was read (undefined: none was there).
   * @throws MarkerChangedError when it is not; after any other error it may be stored or not
   */
  write(next: Placement, expected: Marked | undefined): Promise<Marked>;
}

/** The data may not go back to the box any more. */
export class WayBackClosedError extends Error {
  override name = 'WayBackClosedError';
  constructor() {
    super(
      'The way back is closed since phase 3 was deployed: its hosts read and write on the managed side, and would not follow the data to the box',
    );
  }
}

/** Somebody else wrote the marker since it was read. */
export class MarkerChangedError extends Error {
  override name = 'MarkerChangedError';
  constructor() {
    super('The marker is not the one that was read: another process wrote it meanwhile');
  }
}

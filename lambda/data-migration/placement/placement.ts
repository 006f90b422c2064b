/** The place of the shop's data: on the box (its own MariaDB and disk) or in the managed services (Aurora, S3). */
export type Place = 'box' | 'managed';

/** `At`: the names of the two sides. */
export interface Placement<At extends string = Place> {
  readonly data: At;
  /** ISO 8601. */
  readonly since: string;
  /** The command that brought it there. */
  readonly by: string;
  /** The process that may switch it: the one that started last. */
  readonly holder?: string;
  /**
   * The data must not move back: hosts that use the managed side alone are deployed (decision 0026), or the side that was
   * left is dropped.
   */
  readonly closed?: true;
}

/** The initial placement, without a marker. */
export const FIRST: Placement = { data: 'box', since: new Date(0).toISOString(), by: 'nobody' };

/** A marker as it was read. `revision` identifies the write, even among writes of equal content. */
export interface Marked<At extends string = Place> {
  readonly placement: Placement<At>;
  readonly revision: string;
}

/**
 * The store of the placement: the single source of truth about the serving side.
 * Implementations: `marker-s3.ts` and `marker-file.ts`, under one contract test.
 */
export interface Marker<At extends string = Place> {
  /** Undefined if none was ever written. */
  read(): Promise<Marked<At> | undefined>;
  /**
   * Stores `next` if the marker is still `expected` (undefined: no marker).
   * @throws MarkerChangedError if it is not; after any other error it may or may not be stored
   */
  write(next: Placement<At>, expected: Marked<At> | undefined): Promise<Marked<At>>;
}

/** The data must not move back any more. */
export class WayBackClosedError extends Error {
  override name = 'WayBackClosedError';
  constructor() {
    super('The way back is closed: the hosts would not follow the data there, or that side was dropped');
  }
}

/** Another process wrote the marker after it was read. */
export class MarkerChangedError extends Error {
  override name = 'MarkerChangedError';
  constructor() {
    super('The marker has changed since it was read: another process wrote it');
  }
}

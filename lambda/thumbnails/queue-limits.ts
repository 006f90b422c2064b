/** Limits of the queue of photos, for its construct, its workers and the servers on one's own machine. */

/** Receptions of a message until it is given up (rule SQS-2). */
export const ATTEMPTS = 5;

/** Photos of one event of the function. */
export const BATCH = 4;

/** A batch of the slowest photos: reading, 30 s of decoding at most, and storing each. */
export const FUNCTION_SECONDS = 180;

/** Until a message of a worker that died is given out again (rule SQS-1). */
export const VISIBILITY_SECONDS = 6 * FUNCTION_SECONDS;

/** Messages wait for four days at most, dead letters for two weeks (rule SQS-3). */
export const RETENTION_DAYS = { queue: 4, deadLetters: 14 } as const;

import { pino } from 'pino';

/** For programs in a world: what they would log is known from the history. */
export const silent = pino({ level: 'silent' });

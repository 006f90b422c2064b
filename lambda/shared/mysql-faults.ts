/** The driver's and the system's words for a connection that is gone or was never made. */
const LOST = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  // A name that does not resolve for a moment; a socket file that is not there while a server starts.
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
  ...['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_UNEXPECTED_PACKET', 'ERR_STREAM_DESTROYED'],
]);
/**
 * The server's: too many connections, shutting down, aborted connections (1152 to 1161), a killed statement or
 * connection (1317; MariaDB 1927, MySQL 3169), offline (3032), idle for too long (4031).
 */
const ENDED = new Set([1040, 1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927, 3032, 3169, 4031]);
/** ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE. */
const READ_ONLY = new Set([1792, 1836]);
/** ER_OPTION_PREVENTS_STATEMENT: for some option, which the message names. */
const OPTION = 1290;
/** ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, and MariaDB's ER_CHECKREAD. */
const ROLLED_BACK = new Set([1213, 1205, 1020]);

/** An error of the driver, of the system (`errno` is negative there), or, with a number above 1000, of the server. */
interface Fault {
  readonly code?: string;
  readonly errno?: number;
  readonly message: string;
}

export const errno = (error: unknown): number => (error as Fault).errno ?? 0;

/** The connection is gone, or none could be made: whether a statement that was sent was done is not known. */
export function isLost(error: unknown): boolean {
  return LOST.has((error as Fault).code ?? '') || ENDED.has(errno(error)) || isUnsent(error);
}

/** The connection was gone before the statement could be sent: nothing was done. */
export const isUnsent = (error: unknown): boolean => / in closed state$/.test((error as Fault).message);

/** The server takes no writes: a writer that became a reader. Nothing was done. */
export const isReadOnly = (error: unknown): boolean =>
  READ_ONLY.has(errno(error)) || (errno(error) === OPTION && /read.only/i.test((error as Fault).message));

/** A deadlock or a lock that was not free in time: the transaction is gone, try it again. */
export const isRolledBack = (error: unknown): boolean => ROLLED_BACK.has(errno(error));

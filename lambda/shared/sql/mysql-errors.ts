/** Error codes of the driver and the system for a connection that is lost or was never opened. */
const LOST = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  // A name that does not resolve for a moment; a socket file that is missing while a server starts.
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
  ...['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_UNEXPECTED_PACKET', 'ERR_STREAM_DESTROYED'],
]);
/**
 * The server's: too many connections, shutting down, aborted connections (1152 to 1161), a killed statement or
 * connection (1317; MariaDB 1927), offline (3032), idle for too long (4031).
 */
const ENDED = new Set([1040, 1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927, 3032, 4031]);
/** ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE. */
const READ_ONLY = new Set([1792, 1836]);
/**
 * The reason stands in the message: ER_OPTION_PREVENTS_STATEMENT; and from a reader's storage, for accounts that the
 * option `read_only` lets through, ER_CANT_LOCK for rows and ER_ACL_OPERATION_FAILED for accounts.
 */
const FOR_SOME_REASON = new Set([1290, 1015, 3501]);
/** ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, and MariaDB's ER_CHECKREAD. */
const ROLLED_BACK = new Set([1213, 1205, 1020]);

/** Every number of a server that means something here. */
export const ERROR_NUMBERS = [...ENDED, ...READ_ONLY, ...FOR_SOME_REASON, ...ROLLED_BACK];

/** An error of the driver, of the system (`errno` is negative there), or, with a number above 1000, of the server. */
interface Fault {
  readonly code?: string;
  readonly errno?: number;
  readonly message: string;
}

export const errno = (error: unknown): number => (error as Fault).errno ?? 0;

/** The connection is lost or could not be opened: a statement that was sent may or may not have been executed. */
export function isLost(error: unknown): boolean {
  return LOST.has((error as Fault).code ?? '') || ENDED.has(errno(error)) || isUnsent(error);
}

/** The connection was lost before the statement was sent: nothing was done. */
export const isUnsent = (error: unknown): boolean => / in closed state$/.test((error as Fault).message);

/** The server is read-only, such as a former writer: nothing was done. */
export const isReadOnly = (error: unknown): boolean =>
  READ_ONLY.has(errno(error)) ||
  (FOR_SOME_REASON.has(errno(error)) && /read.only/i.test((error as Fault).message));

/** A deadlock or a lock timeout: the transaction was rolled back and can be retried. */
export const isRolledBack = (error: unknown): boolean => ROLLED_BACK.has(errno(error));

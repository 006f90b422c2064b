import { errno } from '../../shared/sql/mysql-errors';

/**
 * ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_SCHEMA_READ_ONLY (MySQL), and ER_BAD_DB_ERROR of a schema that
 * was dropped: nothing of the statement was done.
 */
const REFUSED = new Set([1044, 1142, 3989, 1049]);

/** True if a fence refused the statement, or a connection for it. */
export const isRefused = (error: unknown): boolean => REFUSED.has(errno(error));

import { setTimeout as sleep } from 'node:timers/promises';
import { OverloadedError, RetryLaterError } from '../../lambda/shared/runtime/retry-later';
import type { Sql } from '../../lambda/shared/sql/sql';

/** Repeats work that was refused for a moment, as on a slow machine, after the time that the refusal names. */
export async function again<Result>(
  work: () => Promise<Result>,
  refusal: abstract new (...args: never[]) => RetryLaterError = RetryLaterError,
): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof refusal)) throw error;
      await sleep(error.retryAfterSeconds * 1000);
    }
  }
}

/** A database whose callers come again when too many ask at once, of whom nothing was done. */
export function patientSql<Some extends Sql>(sql: Some): Some {
  return {
    ...sql,
    query: (statement, values) => again(() => sql.query(statement, values), OverloadedError),
    execute: (statement, values) => again(() => sql.execute(statement, values), OverloadedError),
    transaction: (work) => again(() => sql.transaction(work), OverloadedError),
  };
}

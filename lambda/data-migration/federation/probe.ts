import type { Connection } from 'mysql2/promise';
import { isLost } from '../../shared/sql/mysql-errors';
import { isRefused } from './refused';

/** The fate of a harmless statement. A connection that was ended, or is not opened, refuses as well. */
type Fate = 'done' | 'refused';

/** A connection of an account, opened before a change, that shows what the account can do after it. */
export interface Probe {
  /** Statements that write, but no row. */
  writes(): Promise<Fate>;
  reads(): Promise<Fate>;
  close(): void;
}

export async function openProbe(connect: () => Promise<Connection>, table: string): Promise<Probe> {
  const connection = await connect().catch((error: unknown) => {
    if (isRefused(error)) return undefined;
    throw error;
  });
  const fateOf = async (statement: string): Promise<Fate> => {
    if (!connection) return 'refused';
    try {
      await connection.query(statement);
      return 'done';
    } catch (error) {
      if (isRefused(error) || isLost(error)) return 'refused';
      throw error;
    }
  };
  return {
    writes: async () => {
      const fates = [
        await fateOf(`DELETE FROM ${table} WHERE 1 = 0`),
        await fateOf(`INSERT INTO ${table} SELECT * FROM ${table} WHERE 1 = 0`),
      ];
      return fates.includes('done') ? 'done' : 'refused';
    },
    reads: () => fateOf(`SELECT 1 FROM ${table} WHERE 1 = 0`),
    close: () => connection?.destroy(),
  };
}

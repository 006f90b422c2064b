import { randomBytes } from 'node:crypto';
import { sqlMode } from '../../../lib/data/database';
import { openAdmin } from '../../support/database-users';
import { hasMariaDb } from '../../support/mariadb';

const socketPath = process.env.TEST_MARIADB_SOCKET ?? '';

(hasMariaDb() ? test : test.skip)(
  'with the mode of the managed database a server refuses a value that does not fit, instead of cutting it',
  async () => {
    const connection = await openAdmin(socketPath);
    const schema = `mode_${randomBytes(4).toString('hex')}`;
    try {
      await connection.query(`CREATE DATABASE ${schema}`);
      await connection.query(`USE ${schema}`);
      await connection.query('CREATE TABLE words (word VARCHAR(3), n INT)');
      const insert = (word: string, n: number) =>
        connection.query('INSERT INTO words (word, n) VALUES (?, ?)', [word, n]);

      await connection.query("SET SESSION sql_mode = ''");
      await insert('too long', 1);
      expect((await connection.query('SELECT word FROM words'))[0]).toEqual([{ word: 'too' }]);

      await connection.query('SET SESSION sql_mode = ?', [sqlMode]);
      await expect(insert('too long', 1)).rejects.toThrow('Data too long');
      await expect(insert('fit', 2 ** 40)).rejects.toThrow('Out of range');
    } finally {
      await connection.query(`DROP DATABASE IF EXISTS ${schema}`);
    }
  },
);

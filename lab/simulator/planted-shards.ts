import type { Table } from '../../lambda/shared/tables/table';
import { of, rewritten, statements, swallowed, table } from './planted-wiring';
import type { Wiring } from './shop';

const isEmail = ({ key }: { readonly key?: unknown }) => String(key).startsWith('EMAIL#');

/** After the fence both sides are said to be equal. */
function withoutLastRows(): Wiring {
  // Of both sides, so a move begins with what it opens.
  let isFenced = false;
  return of('movers', {
    sql: (sql) => {
      isFenced = false;
      return {
        ...sql,
        query: async (statement, values) =>
          isFenced && statement.includes('SHA2(')
            ? ([{ n: 0, hash: '' }] as never)
            : sql.query(statement, values),
        execute: (statement, values) => {
          if (statement.includes('UPDATE buckets SET')) isFenced = statement.includes("state = 'leaving'");
          return sql.execute(statement, values);
        },
      };
    },
  });
}

/** Bugs of users on shards: of hosts, of the directory, and of those that move buckets. */
export const shardBugs: Readonly<Record<string, readonly [string, Wiring]>> = {
  'old map': [
    'A host reads the map once.',
    of(
      'others',
      table((to) => {
        let known: ReturnType<Table['get']> | undefined;
        return {
          get: (key, how) => {
            if (isEmail(key)) return to.get(key, how);
            known ??= to.get(key, how);
            return known;
          },
        };
      }),
    ),
  ],
  'no fence for writers': [
    'A transaction does not ask if its bucket is there.',
    of(
      'others',
      statements('SELECT state, owner FROM buckets', () => ({ answer: [{ state: 'here', owner: '' }] })),
    ),
  ],
  'no lock of the fence': [
    'A transaction looks at the fence of its bucket, and does not keep it as it is.',
    of('others', rewritten('/*! LOCK IN SHARE MODE */', '')),
  ],
  'no fence for readers': [
    'A read of a moving bucket does not look at the fence afterwards.',
    of(
      'others',
      statements("state IN ('here', 'leaving')", () => ({ answer: [{ bucket: 0 }] })),
    ),
  ],
  'e-mail for all': [
    'The directory takes a second claim of an e-mail for the first.',
    table((to) => ({ put: (item, condition) => to.put(item, isEmail(item) ? undefined : condition) })),
  ],
  'e-mail forgotten': [
    'The directory does not store who has an e-mail.',
    table((to) => ({ put: async (item, condition) => isEmail(item) || to.put(item, condition) })),
  ],
  'map for all': [
    'A change of the map does not ask for the version that was read.',
    table((to) => ({ put: (item, condition) => to.put(item, isEmail(item) ? condition : undefined) })),
  ],
  'flip before the last rows': [
    'What was written during the copy is not copied any more.',
    withoutLastRows(),
  ],
  'open fence': [
    'The bucket takes writes until it is gone.',
    of(
      'movers',
      statements('UPDATE buckets SET owner = ?', (statement) =>
        statement
          .replace("state = 'leaving'", "state = 'here'")
          .replace("state IN ('leaving')", "state IN ('here')"),
      ),
    ),
  ],
  'no sessions': [
    'A mover does not copy sessions.',
    of(
      'movers',
      rewritten('c.TABLE_SCHEMA = DATABASE()', "c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME <> 'sessions'"),
    ),
  ],
  'left rows': [
    'A bucket leaves its rows behind.',
    of('movers', swallowed('DELETE FROM users WHERE bucket')),
  ],
  'no owner': [
    'A mover goes on though another one has taken the bucket over.',
    of('movers', rewritten(' AND owner = ?', " AND '' <> ?")),
  ],
  'claim that is not used': [
    'An account is stored though its claim of the e-mail may be void.',
    swallowed('INSERT INTO email_claims'),
  ],
};

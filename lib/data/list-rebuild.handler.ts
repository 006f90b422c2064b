import { type Rebuilt, rebuildLists } from '../../lambda/inventory/catalog/rebuild';
import { rdsTls, type Tls } from '../../lambda/shared/sql/rds-tls';
import { openSecretMysql } from '../../lambda/shared/sql/rotating-credentials';
import { whenAllowed } from '../custom-resource/when-allowed';

export interface RebuildEvent {
  readonly repairs: boolean;
  /** The product to go on after; empty for the first. */
  readonly after: string;
}

const SLICE_MS = 20_000;

/** Some twenty seconds of the comparison; the caller goes on after its last product. IAM decides who may invoke it. */
export async function handler(
  { repairs, after }: RebuildEvent,
  _context?: object,
  tls: Tls | null = rdsTls,
): Promise<Rebuilt> {
  const { DATABASE = '', INVENTORY_ACCOUNT = '' } = process.env;
  const url = new URL(DATABASE);
  url.pathname = '/inventory';
  url.searchParams.set('secret', INVENTORY_ACCOUNT);
  const sql = openSecretMysql(url.href, { tls, use: 'maintenance' });
  const until = performance.now() + SLICE_MS;
  try {
    // Called right after a deploy, its permissions may still be on their way.
    return await whenAllowed(() =>
      rebuildLists(sql, repairs, { after, late: () => performance.now() > until }),
    );
  } finally {
    await sql.close();
  }
}

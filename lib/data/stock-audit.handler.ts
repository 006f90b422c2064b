import { S3Client } from '@aws-sdk/client-s3';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import { FIRST } from '../../lambda/data-migration/placement/placement';
import { auditStock, type Discrepancy } from '../../lambda/inventory/stock/stock-audit';
import { rdsTls, type Tls } from '../../lambda/shared/sql/rds-tls';
import { openSecretMysql } from '../../lambda/shared/sql/rotating-credentials';
import { whenAllowed } from '../custom-resource/when-allowed';

/** This function does not reach the data. */
class DataOnBoxError extends Error {
  override readonly name = 'DataOnBoxError';
  constructor() {
    super("The shop's data is on the box. There, as root: /opt/shop/host/run.sh app check-stock.js");
  }
}

/** The differences that it finds; safe while the shop sells. IAM alone decides who may invoke it. */
export async function handler(
  _event: object,
  _context?: object,
  tls: Tls | null = rdsTls,
): Promise<Discrepancy[]> {
  const { BUCKET = '', DATABASE = '', INVENTORY_ACCOUNT = '' } = process.env;
  const marker = s3Marker(new S3Client(), BUCKET);
  const url = new URL(DATABASE);
  url.pathname = '/inventory';
  url.searchParams.set('secret', INVENTORY_ACCOUNT);
  const sql = openSecretMysql(url.href, { tls, use: 'maintenance' });
  try {
    // Called right after a deploy, its permissions may still be on their way.
    return await whenAllowed(async () => {
      const { data } = (await marker.read())?.placement ?? FIRST;
      if (data === 'box') throw new DataOnBoxError();
      return auditStock(sql);
    });
  } finally {
    await sql.close();
  }
}

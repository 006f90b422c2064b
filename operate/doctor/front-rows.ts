import type { Config } from '../../lib/config';
import { fromSeen, judged, type Row, skipped } from '../report/row';
import { day, daysUntil } from './days';
import type { Facts } from './facts';
import { type Account, purchaseRows } from './purchase';

/** Public certificates are renewed weeks before; a shorter life means that a renewal failed. */
const CERTIFICATE_DAYS = 14;
const RENEW = 'docs/runbook.md, "A certificate was not exported"';

export function certificateRow({ domain, phase }: Config, { front }: Facts, now: Date): Row {
  const subject = 'name and certificate';
  const needed = `trusted, for ${CERTIFICATE_DAYS} days`;
  return fromSeen(subject, needed, front, (seen) => {
    if (!seen) return judged(subject, 'no stack names an address', needed, ['npx cdk deploy --all']);
    const { url, certificate } = seen;
    if (!certificate) return judged(subject, `${url}: no TLS`, needed, [RENEW]);
    const { distrusted, validUntil } = certificate;
    const mayBeOwn = phase.edge === 'address' && !domain;
    if (distrusted && mayBeOwn) return skipped(subject, `${url}: the box's own, as without a domain`, needed);
    const found = `${url} until ${day(validUntil)}${distrusted ? `: ${distrusted}` : ''}`;
    const isGood = !distrusted && daysUntil(validUntil, now) >= CERTIFICATE_DAYS;
    return judged(subject, found, needed, isGood ? [] : [RENEW]);
  });
}

/** No password goes to a server that has not proved its name. */
export async function visitRows({ front }: Facts, account: Account | undefined): Promise<Row[]> {
  if ('unseen' in front || !front.fact) return [skipped('purchase', 'the address is unknown')];
  const { url, certificate } = front.fact;
  return certificate?.distrusted
    ? [skipped('purchase', 'the certificate proves nothing, so no password is sent')]
    : purchaseRows(url, account);
}

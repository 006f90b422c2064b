import type { QuotaName } from '../aws/account';
import { fromSeen, judged, type Row, skipped } from '../report/row';
import type { Facts } from './facts';
import type { Needs } from './needs';
import { QUOTAS } from './quota-names';

export interface Plans {
  /** True if nothing of the shop is there yet. */
  readonly isFirstDeploy: boolean;
  /** True if a shop with a CDN and without a name gets one: both of its ports are open for a while. */
  readonly addsName: boolean;
}

export function quotaRows(facts: Facts, needs: Needs, { isFirstDeploy, addsName }: Plans): Row[] {
  const room = (subject: string, quota: keyof typeof QUOTAS, needed: number, ask: number, words: string) =>
    fromSeen(subject, words, facts.quotas[quota], (value) =>
      judged(subject, `${value}`, words, value >= needed ? [] : [raise(QUOTAS[quota], ask)]),
    );
  return [
    room(
      'vCPUs of hosts',
      'hosts',
      needs.vCpus,
      nextOf(32, needs.vCpus),
      `${needs.vCpus}, all groups at their maximum while a release rolls`,
    ),
    room('functions at once', 'functions', needs.functions, needs.functions, `${needs.functions}`),
    ...(addsName
      ? [room('rules of a group', 'rules', 120, 120, '120, while both ports are open to CloudFront')]
      : [skipped('rules of a group', 'no name is added to a CDN')]),
    ...(isFirstDeploy ? [oneMore('addresses', facts), oneMore('networks', facts)] : []),
  ];
}

/** A first deploy makes one Elastic IP and one VPC. */
function oneMore(what: 'addresses' | 'networks', facts: Facts): Row {
  const subject = what === 'addresses' ? 'Elastic IPs' : 'VPCs';
  return fromSeen(subject, 'one more', facts[what], (used) =>
    fromSeen(subject, 'one more', facts.quotas[what], (most) =>
      judged(
        subject,
        `${used} of ${most} used`,
        'one more',
        used < most ? [] : [raise(QUOTAS[what], most + 5)],
      ),
    ),
  );
}

function raise({ service, code }: QuotaName, value: number): string {
  return `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${value}`;
}

/** Above the need, in steps: support grants round numbers, and a rollback needs room too. */
const nextOf = (step: number, needed: number) => step * Math.ceil((needed + 1) / step);

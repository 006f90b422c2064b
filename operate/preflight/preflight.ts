import type { Config } from '../../lib/config';
import { stackName } from '../../lib/names';
import type { Row } from '../report/row';
import { accountRows } from './account';
import type { Facts } from './facts';
import { needsOf } from './needs';
import { quotaRows } from './quotas';
import { stepRows } from './step';
import { zoneRows } from './zones';

/** The conditions that must hold before `cdk deploy -c phase=N`, in the order in which a deploy would fail. */
export function preflightRows(config: Config, facts: Facts): Row[] {
  return [
    ...stepRows(config, facts),
    ...accountRows(config, facts),
    ...zoneRows(config, facts),
    ...quotaRows(facts, needsOf(config), {
      isFirstDeploy: 'fact' in facts.deployed && !facts.deployed.fact,
      addsName: addsName(config, facts),
    }),
  ];
}

/** The deployed CDN has only CloudFront's own name, and the shop is to get one. */
function addsName({ name, domain }: Config, { stacks }: Facts): boolean {
  const edge = 'fact' in stacks ? stacks.fact.get(stackName(name, 'Edge')) : undefined;
  return domain !== undefined && /cloudfront\.net/.test(edge?.outputs.Url ?? '');
}

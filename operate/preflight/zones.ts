import type { Config } from '../../lib/config';
import { fromSeen, judged, type Row, skipped } from '../report/row';
import type { Facts } from './facts';

/**
 * Ids of zones without VPC origins, compared on 2026-11-27 with a copy of "Supported AWS Regions for VPC origins"
 * (CloudFront developer guide). No call lists them, and CloudFront says so only at the end of a deploy: compare again.
 */
const WITHOUT_VPC_ORIGINS = ['use1-az3', 'usw1-az2', 'apne1-az3', 'cac1-az3'];

/** The old zone of us-east-1, which has no Lambda in a VPC. From memory; its lack of types is asked for above. */
const WITHOUT_FUNCTIONS = ['use1-az3'];

export function zoneRows({ zones, phase, region }: Config, facts: Facts): Row[] {
  const options = (offered: readonly string[]) => otherZones(zones, offered, facts);
  const offer = (subject: string, seen: Facts['databaseZones']) =>
    fromSeen(subject, zones.join(', '), seen, (offered) => {
      const missing = zones.filter((zone) => !offered.includes(zone));
      const found = missing.length === 0 ? 'all three' : `not in ${missing.join(', ')}`;
      return judged(subject, found, zones.join(', '), missing.length === 0 ? [] : options(offered));
    });
  return [
    sameZones(zones, facts),
    fromSeen('names of zones', zones.join(', '), facts.zoneIds, (ids) => {
      const unknown = zones.filter((zone) => !ids.has(zone));
      const found = zones.map((zone) => ids.get(zone) ?? `no ${zone}`).join(', ');
      return judged('names of zones', found, zones.join(', '), unknown.length === 0 ? [] : [LIST(region)]);
    }),
    ...[...facts.zonesWith].map(([type, seen]) => offer(`zones with ${type}`, seen)),
    ...(phase.database.placement === 'aurora'
      ? [
          offer('zones of db.serverless', facts.databaseZones),
          lacking('zones of functions', WITHOUT_FUNCTIONS, zones, facts),
        ]
      : [skipped('zones of db.serverless', 'no managed database in this phase')]),
    phase.edge === 'cdn'
      ? lacking('zones of VPC origins', WITHOUT_VPC_ORIGINS, zones, facts)
      : skipped('zones of VPC origins', 'no CDN in this phase'),
  ];
}

/** The zones that a shop is in do not change. */
function sameZones(zones: Config['zones'], { deployed }: Facts): Row {
  const asked = zones.join(',');
  return fromSeen('zones of the shop', asked, deployed, (guard) =>
    guard?.zones
      ? judged(
          'zones of the shop',
          guard.zones,
          asked,
          guard.zones === asked ? [] : [`npx cdk deploy --all -c zones=${guard.zones}`],
        )
      : skipped('zones of the shop', 'none deployed yet', asked),
  );
}

function lacking(subject: string, without: readonly string[], zones: Config['zones'], facts: Facts): Row {
  const needed = `none of ${without.join(', ')}`;
  return fromSeen(subject, needed, facts.zoneIds, (ids) => {
    const bad = zones.filter((zone) => without.includes(ids.get(zone) ?? ''));
    const good = [...ids].filter(([, id]) => !without.includes(id)).map(([name]) => name);
    const found =
      bad.length === 0 ? 'none of them' : `${bad.join(', ')}: ${bad.map((zone) => ids.get(zone)).join(', ')}`;
    return judged(subject, found, needed, bad.length === 0 ? [] : otherZones(zones, good, facts));
  });
}

/** Three zones that offer it, if a shop that is not deployed may still choose. */
function otherZones(zones: Config['zones'], offered: readonly string[], { deployed }: Facts): string[] {
  if (!('fact' in deployed) || deployed.fact)
    return ['docs/deploy.md, "Zones": a deployed shop keeps its zones'];
  const good = [...zones.filter((zone) => offered.includes(zone)), ...offered].sort();
  const three = [...new Set(good)].slice(0, 3);
  return three.length === 3
    ? [`npx cdk deploy --all -c zones=${three.join(',')}`]
    : ['docs/deploy.md, "Zones": choose another region with -c region=…'];
}

const LIST = (region: string) =>
  `aws ec2 describe-availability-zones --region ${region} --query AvailabilityZones[].[ZoneName,ZoneId] --output text`;

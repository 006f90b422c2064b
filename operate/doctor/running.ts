import type { Config } from '../../lib/config';
import { fromSeen, judged, type Row } from '../report/row';
import { day, daysUntil } from './days';
import type { Facts } from './facts';

/** Days before an image is deprecated: time enough for a deploy in a quiet hour. */
const IMAGE_DAYS = 14;

/** The stacks and the hosts. */
export function runningRows({ phase }: Config, facts: Facts, now: Date): Row[] {
  return [
    fromSeen('phase', `${phase.number}`, facts.deployed, (guard) =>
      judged(
        'phase',
        guard ? `${guard.phase}` : 'nothing is deployed',
        `${phase.number}`,
        guard?.phase === phase.number ? [] : [`npx cdk deploy --all -c phase=${phase.number}`],
      ),
    ),
    stacksRow(facts),
    ...groupRows(phase, facts),
    imageRow(facts, now),
  ];
}

function stacksRow({ stacks }: Facts): Row {
  const needed = 'all there, none rolled back';
  return fromSeen('stacks', needed, stacks, (all) => {
    const bad = [...all].filter(
      ([, stack]) => !/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(stack?.status ?? ''),
    );
    const words = bad.map(([name, stack]) => `${name} ${stack?.status ?? 'is missing'}`);
    const look = bad.map(
      ([name]) => `aws cloudformation describe-stack-events --stack-name ${name} --max-items 20`,
    );
    return judged('stacks', words.join(', ') || `${all.size} complete`, needed, look);
  });
}

function groupRows({ tiers, box }: Config['phase'], { groups }: Facts): Row[] {
  const least = (tiers === 'none' ? 0 : 1 + tiers.groups.length) + (box === 'serves' ? 1 : 0);
  if ('unseen' in groups) return [fromSeen('groups of hosts', `${least}`, groups, () => judged('', '', ''))];
  const serving = groups.fact.filter(({ wanted }) => wanted > 0);
  return [
    judged(
      'groups of hosts',
      `${serving.length} with hosts`,
      `${least}`,
      serving.length === least ? [] : ['docs/runbook.md, "Hosts are missing"'],
    ),
    ...serving.map(({ id, name, wanted, healthy, suspended }) => {
      const off = suspended.length > 0 ? `, suspended: ${suspended.join(', ')}` : '';
      return judged(`hosts of ${id}`, `${healthy} healthy${off}`, `${wanted}, nothing suspended`, [
        ...(healthy >= wanted
          ? []
          : [`aws autoscaling describe-scaling-activities --auto-scaling-group-name ${name} --max-items 5`]),
        ...(off ? [`aws autoscaling resume-processes --auto-scaling-group-name ${name}`] : []),
      ]);
    }),
  ];
}

function imageRow({ images }: Facts, now: Date): Row {
  const subject = 'image of the hosts';
  const needed = `not deprecated within ${IMAGE_DAYS} days`;
  const mend = ['docs/deploy.md, "A newer image"'];
  return fromSeen(subject, needed, images, ({ used, gone, deprecated }) => {
    if (used === 0) return judged(subject, 'no host runs', needed, ['docs/runbook.md, "Hosts are missing"']);
    if (gone.length > 0) return judged(subject, `${gone.join(', ')}: taken back`, needed, mend);
    if (!deprecated) return judged(subject, 'no date of deprecation', needed);
    const isNear = daysUntil(deprecated, now) < IMAGE_DAYS;
    return judged(subject, `deprecated ${day(deprecated)}`, needed, isNear ? mend : []);
  });
}

import type { Config } from '../../lib/config';
import { dataNotMoved, noFirstDeploy, refusal } from '../../lib/guard/refusal';
import { fromSeen, judged, type Row, skipped } from '../report/row';
import type { Facts } from './facts';

/** The guard's questions, before a deploy has begun: the same reasons, from the same functions. */
export function stepRows({ phase }: Config, facts: Facts): Row[] {
  const isFirst = 'fact' in facts.deployed && !facts.deployed.fact;
  return [
    fromSeen('phase', `${phase.number}`, facts.deployed, (guard) => {
      const reason = guard
        ? refusal(guard.phase, phase.number)
        : phase.requires === 'data-moved' && noFirstDeploy(phase.number);
      return judged(
        'phase',
        guard ? `${guard.phase} is deployed` : 'none deployed yet',
        `${phase.number}`,
        reason ? [reason] : [],
      );
    }),
    stacksRow(facts),
    phase.requires === 'data-moved' && !isFirst
      ? movedRow(phase.number, facts)
      : skipped('place of the data', 'nothing has to be moved before this phase'),
  ];
}

function stacksRow({ stacks }: Facts): Row {
  const needed = 'none under way or failed';
  return fromSeen('stacks', needed, stacks, (found) => {
    const bad = [...found].filter(
      ([, { status }]) => !/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT)_COMPLETE$/.test(status),
    );
    const words = bad.map(([name, { status }]) => `${name} ${status}`);
    return judged(
      'stacks',
      words.join(', ') || `${found.size} complete`,
      needed,
      bad.map(([name, { status }]) => mended(name, status)),
    );
  });
}

function mended(name: string, status: string): string {
  if (/IN_PROGRESS$/.test(status))
    return `aws cloudformation describe-stack-events --stack-name ${name} --max-items 5`;
  if (status === 'UPDATE_ROLLBACK_FAILED')
    return `aws cloudformation continue-update-rollback --stack-name ${name}`;
  return `docs/deploy.md, "When a first deploy fails": ${name}`;
}

function movedRow(phase: number, { placement }: Facts): Row {
  return fromSeen('place of the data', 'Aurora and S3', placement, (marker) => {
    const isMoved = marker?.data === 'managed';
    const found = isMoved ? `Aurora and S3, since ${marker.since.slice(0, 10)}` : 'the box';
    return judged(
      'place of the data',
      found,
      'Aurora and S3',
      isMoved ? [] : ['npm run move', dataNotMoved(phase)],
    );
  });
}

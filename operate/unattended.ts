import { refusal } from '../lib/guard/refusal';
import { type Phase, phaseNumbered } from '../lib/phases';
import type { DeployedGuard } from './aws/stacks';

/**
 * The reason why a pipeline may not deploy, for the person who has to; undefined if it may. It deploys releases, and
 * steps that leave a way back: a person stays with every other step and with the first deploy.
 */
export function unattendedRefusal(deployed: DeployedGuard | undefined, wanted: Phase): string | undefined {
  if (!deployed) return `Nothing is deployed. Deploy -c phase=${wanted.number} by hand first.`;
  const reason = refusal(deployed.phase, wanted.number);
  if (reason) return reason;
  const before = phaseNumbered(deployed.phase);
  if (!before) return `Phase ${deployed.phase} is deployed, which this release does not know.`;
  const closes = closedWays(before, wanted);
  return closes.length === 0
    ? undefined
    : `The step from phase ${before.number} to ${wanted.number} closes a way back (${closes.join('; ')}). ` +
        `Deploy it by hand: npm run preflight -- -c phase=${wanted.number}, then npx cdk deploy --all -c phase=${wanted.number}.`;
}

/** Ways back that a step closes. */
export function closedWays(before: Phase, after: Phase): string[] {
  return [
    ...(before.requires !== after.requires ? ['the data stays in Aurora and S3'] : []),
    ...(before.box !== after.box ? [after.box === 'gone' ? "the box's last parts go" : 'the box goes'] : []),
    ...(before.database.placement !== after.database.placement ? ['the database gets another place'] : []),
  ];
}

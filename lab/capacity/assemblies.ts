import { phaseNumbered } from '../../lib/phases';
import type { Templates } from '../../review/cloudformation';
import { phaseIn } from '../../review/comment/comment';
import { differenceText } from '../../review/cost/difference';
import type { Run } from '../report/run';
import { phaseBill, usersOf } from './phase-bill';

/** The change of the bill between two syntheses, for the users with which the phase of the second one begins. */
export function assembliesText(before: Templates, after: Templates, run: Run): string {
  const phase = phaseOf(after);
  const users = usersOf(phase);
  const bill = (templates: Templates) => phaseBill(phaseOf(templates), run, () => templates, users);
  return differenceText(
    `USD a month in phase ${phase.number} for ${users.toLocaleString('en')} ${users === 1 ? 'user' : 'users'}`,
    bill(before),
    bill(after),
  );
}

function phaseOf(templates: Templates) {
  const number = phaseIn(templates);
  const phase = number === undefined ? undefined : phaseNumbered(number);
  if (!phase) throw new Error(`The templates are of phase ${number}; expected one of lib/phases.ts`);
  return phase;
}

import { type Phase, phaseNumbered, phases } from '../lib/phases';
import { CannotRunError } from './errors';

/** The phase that a person named. @throws CannotRunError that says which there are */
export function phaseNamed(given: string): Phase {
  const phase = /^\d+$/.test(given) ? phaseNumbered(Number(given)) : undefined;
  if (phase) return phase;
  const built = list.format(phases.map(({ number, title }) => `${number} (${title})`));
  throw new CannotRunError(`--phase is one of those that are built, ${built}, not "${given}".`);
}

const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** Whether rows and files can be on two sides, between which `npm run move` carries them. */
export const hasManagedSide = ({ database }: Phase): boolean => database.placement === 'aurora';

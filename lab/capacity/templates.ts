import { synthesisOf } from '../../review/synthesis';
import { synthesizePhase } from '../../review/synthesize';
import type { TemplatesOf } from './plan';

/** Templates as a deployer without options gets them; each phase is synthesized once. */
export function templatesOfPhases(): TemplatesOf {
  const known = new Map<number, ReturnType<TemplatesOf>>();
  return ({ number }) => {
    const templates = known.get(number) ?? synthesisOf(synthesizePhase({ number })).templates;
    known.set(number, templates);
    return templates;
  };
}

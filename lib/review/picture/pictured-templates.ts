import type { Phase } from '../../phases';
import type { Templates } from '../cloudformation';
import { synthesisOf } from '../synthesis';
import { synthesizePhase } from '../synthesize';

/** Pictures show a shop that has a name; without one, browsers go by the address or by CloudFront's own name. */
const named = { domain: 'shop.example.com', hostedZoneId: 'Z0123456789ABCDEFGHIJ' };

/** A phase as it is pictured. */
export function picturedTemplates(phase: Pick<Phase, 'number'>): Templates {
  return synthesisOf(synthesizePhase(phase, undefined, named)).templates;
}

import type { Phase } from '../../lib/phases';
import type { Templates } from '../cloudformation';
import { synthesisOf } from '../synthesis';
import { synthesizePhase } from '../synthesize';

/** Diagrams show a shop with a domain; without one, browsers use the address or CloudFront's own name. */
const named = { domain: 'shop.example.com', hostedZoneId: 'Z0123456789ABCDEFGHIJ' };

/** The templates for the diagram of a phase. */
export function phaseTemplates(phase: Pick<Phase, 'number'>): Templates {
  return synthesisOf(synthesizePhase(phase, { context: named })).templates;
}

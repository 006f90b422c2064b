import { type Phase, phaseNumbered } from '../../lib/phases';
import { type Binaries, binariesOf } from '../../local/servers/binaries';

/**
 * The programs of a phase, as `npm start -- --servers` finds them; undefined if one is missing. Where every server must be
 * there (CI), that is an error.
 */
export function serversOf(phase: number): Binaries | undefined {
  try {
    return binariesOf(phaseNumbered(phase) as Phase);
  } catch (error) {
    if (process.env.REQUIRE_SERVERS === '1') throw error;
    return undefined;
  }
}

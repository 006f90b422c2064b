import type { Fetch } from '../../lambda/shared/http/serve';
import type { Row } from '../banner';

/** The running parts of a phase. */
export interface OpenedPhase {
  /** The whole shop: pages, photos and API. */
  readonly fetch: Fetch;
  readonly usersDatabase: string;
  readonly runsOn: readonly Row[];
  /** Call it before the servers are stopped. Absent where nothing scales. */
  readonly stopScaling?: (() => Promise<void>) | undefined;
}

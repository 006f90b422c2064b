import { createFreshReads, type FreshReads } from '../shared/http/fresh-reads';
import { startPeriodicTask } from '../shared/jobs/periodic-task';
import type { Logger } from '../shared/runtime/log';
import { createSigningKeys, type KeyRenewal, type KeyRing } from '../shared/sql/signing-keys';
import type { Sql } from '../shared/sql/sql';
import type { HostedService } from './hosted-service';

/** The interval between two reads of the keys: well within the minute after which a new key signs. */
const RENEWAL_INTERVAL_MS = 10_000;
/** The interval while there is no key yet. */
const FIRST_KEY_INTERVAL_MS = 1000;

export interface FreshReadsKeys {
  readonly freshReads: FreshReads;
  /** False if the service is ready without keys. Default true. */
  readonly isRequired?: boolean;
  renew(): Promise<void>;
  stop(): Promise<void>;
}

/** Fresh reads whose keys are in the inventory schema and renewed until `stop`. */
export function openFreshReads(sql: Sql, log: Logger, renewal: KeyRenewal): FreshReadsKeys {
  const keys = createSigningKeys(sql);
  return followKeys(keys, keys[renewal], log);
}

/** Fresh reads whose keys are renewed until `stop`. */
export function followKeys(
  keys: Pick<KeyRing, 'current' | 'all'>,
  renewKeys: () => Promise<void>,
  log: Logger,
): FreshReadsKeys {
  let due = 0;
  const renew = async () => {
    due = performance.now() + RENEWAL_INTERVAL_MS;
    await renewKeys();
  };
  const stop = startPeriodicTask(
    async () => (keys.current() === undefined || performance.now() > due) && renew(),
    log,
    FIRST_KEY_INTERVAL_MS,
  );
  return { freshReads: createFreshReads(keys), renew, stop };
}

/** The service, ready once it has keys; they are no longer renewed when it is closed. */
export function withFreshReads(service: HostedService, fresh: FreshReadsKeys | undefined): HostedService {
  if (!fresh) return service;
  const { isRequired = true } = fresh;
  return {
    ...service,
    freshReads: fresh.freshReads,
    ready: async () => {
      await service.ready();
      if (isRequired) await fresh.renew();
    },
    duties: async () => {
      await fresh.renew();
      await service.duties();
    },
    close: async () => {
      await fresh.stop();
      await service.close();
    },
  };
}

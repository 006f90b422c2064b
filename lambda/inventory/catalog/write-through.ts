import type { Logger } from '../../shared/runtime/log';
import { sparseWarnings } from '../../shared/runtime/sparse-log';

/** The longest that the answer to a change waits for it. */
const BUDGET_MS = 50;

/**
 * Brings changed products into the shared cache before the change is answered. It never fails and never takes long: the
 * relay repairs what is missed (decision 0112). `reload` serializes the loads of a product.
 */
export function createWriteThrough(
  reload: (productId: string) => Promise<unknown>,
  log: Logger,
): (productIds: readonly string[]) => Promise<void> {
  const warn = sparseWarnings(log, 'a change was not written through: the relay will repair the cache');
  return (productIds) =>
    new Promise((resolve) => {
      const over = setTimeout(resolve, BUDGET_MS);
      const loads = productIds.map((id) => reload(id).catch(warn));
      void Promise.all(loads).then(() => {
        clearTimeout(over);
        resolve();
      });
    });
}

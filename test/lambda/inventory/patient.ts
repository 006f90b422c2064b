import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { again } from '../../support/again';
import type { Shop } from './shop';

/**
 * The shop as clients use it: a request that was refused for a moment (503 with Retry-After) is made again, with the same
 * key, after that time. A refusal must have done nothing, or the second answer shows it.
 */
export function patient(shop: Shop): Shop {
  return {
    ...shop,
    ask: (...asked) => repeated(() => shop.ask(...asked)),
    reserve: (as, items, key = randomUUID()) => repeated(() => shop.reserve(as, items, key)),
    sweep: () => again(shop.sweep),
    forgetUser: (id) => again(() => shop.forgetUser(id)),
    stock: { ...shop.stock, write: (...written) => again(() => shop.stock.write(...written)) },
    another: async () => patient(await shop.another()),
  };
}

async function repeated(send: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await send();
    const seconds = answer.headers.get('Retry-After');
    if (answer.status !== 503 || seconds === null) return answer;
    await sleep(Number(seconds) * 1000);
  }
}

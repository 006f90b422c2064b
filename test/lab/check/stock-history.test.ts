import { type Book, createBook } from '../../../lab/check/book';
import { judgeStock } from '../../../lab/check/stock-history';
import type { Step } from '../../../lab/load/generator';
import { seeded } from '../../../lab/load/random';
import { createFixtures, type Shelf } from '../../../lab/scenarios/fixtures';
import { buyHot } from '../../../lab/scenarios/writes';
import { customer, openShop, type Shop } from '../../lambda/inventory/shop';
import { engines } from '../../support/engines';

/** Sends a step and those that follow. The last answers of `lost` buyers do not arrive. */
async function follow(shop: Shop, step: Step, isLost: boolean): Promise<void> {
  const { method, path, headers = {}, body } = step;
  const request = { method, headers: headers as Record<string, string>, ...(body && { body: String(body) }) };
  const response = await shop.app.request(path, request);
  const answer = { status: response.status, head: '', body: Buffer.from(await response.arrayBuffer()) };
  const next = isLost && step.kind === 'confirm' ? undefined : step;
  const wrong = next?.check(answer);
  if (wrong) throw new Error(wrong);
  const following = next?.following?.(answer);
  if (following) await follow(shop, following, isLost);
}

async function sell(pieces: number, buyers: number): Promise<{ book: Book; shelf: Shelf }> {
  const [engine] = engines();
  if (!engine) throw new Error('SQLite is always there');
  const shop = await openShop(engine);
  const shelf = { id: await shop.add({}, pieces), name: 'mug', category: 'kitchen', price: 1299, pieces };
  const book = createBook();
  const fixtures = createFixtures({
    ...{ shelves: [shelf], hot: shelf, random: seeded(3), book, staff: [] },
    customers: Array.from({ length: 50 }, (_, n) => ({
      ...{ id: customer(n), email: `${n}@lab.example`, token: customer(n) },
    })),
    poolOf: () => {
      throw new Error('Nothing is uploaded');
    },
  });
  const steps = Array.from({ length: buyers }, () => buyHot(fixtures));
  await Promise.all(steps.map((step, n) => follow(shop, step, n % 5 === 0)));
  await shop.close();
  return { book, shelf };
}

test('the answers to buyers of one product have an order, the refused and the unanswered ones too', async () => {
  const { book, shelf } = await sell(5, 14);
  const verdict = judgeStock(book, () => shelf.pieces);
  expect(verdict).toMatchObject({ keys: 1, wrong: [], undecided: [] });
  expect(verdict.calls).toBe(19);
  expect(book.stock.calls().filter(({ answer }) => answer?.kind === 'refused')).toHaveLength(9);

  const oversold = judgeStock(book, () => shelf.pieces - 1);
  expect(oversold.wrong[0]).toContain('no order explains');
  const refusedEarly = judgeStock(book, () => shelf.pieces + 1);
  expect(refusedEarly.wrong).toHaveLength(1);
});

test('the time of a reservation may end a quarter of an hour after it was asked for, and not before', () => {
  const held = Date.now();
  const call = (client: string, start: number, quantity: number, id: string) => ({
    ...{ client, key: 'mug', start, end: start + 1, request: { kind: 'reserve' as const, quantity } },
    answer: { kind: 'reserved' as const, id },
  });
  const judged = (later: number) => {
    const calls = [call('ann', held, 2, 'a'), call('ben', held + later, 2, 'b')];
    return judgeStock(
      { ...createBook(), stock: { begin: () => () => undefined, calls: () => calls } },
      () => 2,
    );
  };
  expect(judged(15 * 60_000 + 2).wrong).toEqual([]);
  expect(judged(14 * 60_000).wrong).toHaveLength(1);
});

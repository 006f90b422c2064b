import { judge, type Verdict } from '../history/judge';
import { describeStock, stockModel, withExpiry } from '../history/stock-model';
import type { Book } from './book';

/** The shop's time to confirm a reservation, in ms. */
const HOLD_MS = 15 * 60_000;

/**
 * Judges the calls of a book about stock: is there an order in which each answer is right?
 * @param piecesOf what a product had before the first call; products without a number are left out
 */
export function judgeStock(book: Book, piecesOf: (productId: string) => number | undefined): Verdict {
  const calls = book.stock.calls().filter(({ key }) => piecesOf(key) !== undefined);
  return judge(withExpiry(calls, HOLD_MS), {
    modelOf: (productId) => stockModel(piecesOf(productId) ?? 0),
    describe: describeStock,
  });
}

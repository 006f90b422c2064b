import { MISSING } from '../../lambda/inventory/catalog/response-cache';
import type { Parts } from '../../lambda/inventory/parts';
import { HoldLimitError, NotHeldError, OutOfStockError } from '../../lambda/inventory/reservations/errors';
import { StockBelowReservedError } from '../../lambda/inventory/stock/errors';
import { freshly } from '../../lambda/shared/sql/freshly';
import type { Recorder } from '../history/history';
import type { StockAnswer, StockRequest } from '../history/stock-model';
import { type CallerOptions, createCaller } from './caller';
import type { Operation } from './plan';

export const STOCK_REFUSALS = [OutOfStockError, NotHeldError, StockBelowReservedError, HoldLimitError];

export interface BuyersOptions extends CallerOptions<Parts> {
  readonly products: readonly string[];
  readonly recorder: Recorder<StockRequest, StockAnswer>;
  /** The reads that a copy may answer. */
  readonly copied: Set<StockRequest>;
  /** The ends of reservations that were answered, by id. */
  readonly ended: Map<string, 'confirmed' | 'released'>;
}

/** As long as the cookie `wrote` asks for fresh reads. */
const FRESH_MS = 60_000;

/** Returns what does an operation of a buyer. */
export function createBuyer(name: string, options: BuyersOptions): (operation: Operation) => Promise<void> {
  const { world, products, recorder, copied, ended, unexpected } = options;
  const { call } = createCaller(name, options);
  const mine: { readonly id: string; readonly products: readonly string[] }[] = [];
  let keys = 0;
  let wroteAt = Number.NEGATIVE_INFINITY;
  const productOf = ({ which }: Operation) => products[which % products.length] as string;

  const reserve = async (operation: Operation) => {
    const { which, where, quantity } = operation;
    const wanted = which % 9 === 0 ? products : [productOf(operation)];
    const key = `${name}-key-${keys++}`;
    const answered = wanted.map((id) => recorder.begin(name, id, { kind: 'reserve', quantity }));
    const lines = wanted.map((productId) => ({ productId, quantity }));
    const { answer, error, isUnsure } = await call(where, 'writers', ({ reservations }) =>
      reservations.reserve(name, key, lines),
    );
    wroteAt = world.now();
    if (answer) {
      const { id } = answer.result;
      mine.push({ id, products: wanted });
      for (const done of answered) done({ kind: 'reserved', id });
    }
    // Of several products it is not known which one was short, and an earlier try may still be on its way.
    if (error instanceof OutOfStockError && !isUnsure && answered.length === 1)
      answered[0]?.({ kind: 'refused' });
  };

  const end = async (kind: 'confirm' | 'release', { which, where }: Operation) => {
    const one = mine[which % mine.length];
    if (!one) return;
    const answered = one.products.map((id) => recorder.begin(name, id, { kind, id: one.id }));
    const { answer, error } = await call(where, 'writers', ({ reservations }) =>
      reservations[kind](name, one.id),
    );
    wroteAt = world.now();
    if (answer) ended.set(one.id, kind === 'confirm' ? 'confirmed' : 'released');
    const known = answer ? 'done' : error instanceof NotHeldError ? 'refused' : undefined;
    if (known) for (const done of answered) done({ kind: known });
  };

  const add = async (operation: Operation) => {
    const quantity = operation.which % 3 === 0 ? -1 : operation.quantity;
    const product = productOf(operation);
    const key = `${name}-key-${keys++}`;
    const done = recorder.begin(name, product, { kind: 'add', pieces: quantity });
    const { answer } = await call(operation.where, 'writers', ({ stock }) =>
      stock.write(product, { kind: 'adjusted', quantity, reason: 'counted' }, name, key),
    );
    wroteAt = world.now();
    if (answer) done({ kind: 'done' });
  };

  /** The record. */
  const look = async (operation: Operation) => {
    const product = productOf(operation);
    const done = recorder.begin(name, product, { kind: 'read' });
    const { answer } = await call(operation.where, 'writers', ({ stock }) => stock.of(product));
    if (answer) done({ kind: 'available', pieces: answer.available });
  };

  /** The page that shoppers see: a copy, unless they changed something lately. */
  const read = async (operation: Operation) => {
    const product = productOf(operation);
    const request = { kind: 'read' } as const;
    const isOwn = world.now() - wroteAt < FRESH_MS;
    if (!isOwn) copied.add(request);
    const done = recorder.begin(name, product, request);
    const { answer } = await call(operation.where, 'readers', ({ responseCache }) =>
      isOwn ? freshly(() => responseCache.product(product, true)) : responseCache.product(product),
    );
    if (answer === MISSING) unexpected.push(`${name} was told that a product does not exist`);
    else if (answer) done({ kind: 'available', pieces: availableIn(answer.body) });
  };

  return async (operation) => {
    switch (operation.kind) {
      case 'reserve':
        return reserve(operation);
      case 'confirm':
      case 'release':
        return end(operation.kind, operation);
      case 'add':
        return add(operation);
      case 'look':
        return look(operation);
      case 'read':
        return read(operation);
    }
  };
}

const availableIn = (body: string): number => (JSON.parse(body) as { available: number }).available;

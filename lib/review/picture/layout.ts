import { type Heights, heightsOf } from './heights';
import type { Model } from './model';
import type { News } from './news';
import { type Rows, rowsOf } from './rows';
import { type Way, waysOf } from './ways';

/** Where everything of a picture is. */
export interface Layout {
  readonly rows: Rows;
  readonly ways: readonly Way[];
  readonly heights: Heights;
}

/** @param start where the first row begins, below the title */
export function layoutOf(model: Model, news: News, start: number): Layout {
  const rows = rowsOf(model, news);
  const ways = waysOf(model.flows, rows);
  return { rows, ways, heights: heightsOf(rows, ways, start) };
}

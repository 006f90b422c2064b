import type { OpenAPIHono } from '@hono/zod-openapi';
import { createApi } from '../shared/http/api';
import { serveDocument } from '../shared/http/openapi';
import type { Logger } from '../shared/runtime/log';
import { type CatalogRoutesOptions, catalogRoutes } from './catalog/routes';
import { inventoryProblems } from './errors';
import { type PhotoRoutesOptions, photoRoutes } from './photos/routes';
import { type OrderRoutesOptions, orderRoutes } from './reservations/order-routes';
import { reservationRoutes } from './reservations/routes';
import { type StockRoutesOptions, stockRoutes } from './stock/routes';

export interface InventoryApiOptions
  extends CatalogRoutesOptions,
    StockRoutesOptions,
    OrderRoutesOptions,
    PhotoRoutesOptions {
  readonly log: Logger;
  /** Rejects while the database does not answer. */
  readonly ready: () => Promise<void>;
  /** Other origins whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** The inventory service over HTTP: no driver, no environment, no port. */
export function inventoryApi(options: InventoryApiOptions): OpenAPIHono {
  const { log, ready, allowedOrigins } = options;
  const app = createApi({
    log,
    problems: inventoryProblems,
    ready,
    allowedOrigins,
  });
  catalogRoutes(app, options);
  stockRoutes(app, options);
  reservationRoutes(app, options);
  orderRoutes(app, options);
  photoRoutes(app, options);
  serveDocument(app, {
    path: '/api/inventory/openapi.json',
    title: 'Inventory',
    description: 'Products, photos, stock and reservations of the shop.',
  });
  return app;
}

import type { OpenAPIHono } from '@hono/zod-openapi';
import { type PhotoRoutesDeps, photoRoutes } from '../photos/api';
import { photoProblems } from '../photos/errors';
import { createApi } from '../shared/api';
import type { Logger } from '../shared/log';
import { serveDocument } from '../shared/openapi';
import { type CatalogRoutesDeps, catalogRoutes } from './catalog-routes';
import { inventoryProblems } from './errors';
import { type ReservationRoutesDeps, reservationRoutes } from './reservation-routes';
import { type StockRoutesDeps, stockRoutes } from './stock-routes';

export interface InventoryApiDeps
  extends CatalogRoutesDeps,
    StockRoutesDeps,
    ReservationRoutesDeps,
    PhotoRoutesDeps {
  readonly log: Logger;
  /** Throws when the database does not answer. */
  readonly ready: () => Promise<void>;
}

/** The inventory service over HTTP: no driver, no environment, no port. */
export function inventoryApi(deps: InventoryApiDeps): OpenAPIHono {
  const { log, ready } = deps;
  const app = createApi({
    log,
    problems: [...inventoryProblems, ...photoProblems],
    ready,
  });
  catalogRoutes(app, deps);
  stockRoutes(app, deps);
  reservationRoutes(app, deps);
  photoRoutes(app, deps);
  serveDocument(app, {
    path: '/api/inventory/openapi.json',
    title: 'Inventory',
    description: 'Products, their photos, stock and reservations of the shop.',
  });
  return app;
}

import { type Quantity, quantity } from './units';

/**
 * The use of a shop in a month beyond what is there when nobody comes. The plan computes it from users
 * (lab/capacity/usage.ts); the templates alone do not contain it.
 */
export interface Usage {
  /** Of viewers, at the entrance: reads and writes. */
  readonly requests: Quantity<'million'>;
  readonly bytesToViewers: Quantity<'GB'>;
  /** Viewer requests for photos. */
  readonly photoViews: Quantity<'million'>;
  /** Average number of hosts that the load needs, by the tag `shop:role`. Its minimum is counted without it. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Average capacity units that the load needs, of a writer and of each replica. */
  readonly capacityUnits: { readonly writer: number; readonly replica: number };
  readonly databaseStorage: Quantity<'GB-month'>;
  readonly databaseRequests: Quantity<'million'>;
  /** Average capacity units of each balancer on the way of every request, and of the one for calls between services. */
  readonly balancerUnits: number;
  readonly rpcUnits: number;
  readonly betweenZones: Quantity<'GB'>;
  readonly cacheMemoryGigabytes: number;
  readonly cacheWork: Quantity<'million'>;
  readonly photosStored: Quantity<'GB-month'>;
  readonly photosWritten: Quantity<'million'>;
  readonly photosRead: Quantity<'million'>;
  /** Of hosts and of refused packets. */
  readonly logs: Quantity<'GB'>;
  /** Changes of the box's volume that its daily snapshots keep. */
  readonly snapshots: Quantity<'GB-month'>;
  readonly thumbnails: Quantity<'million'>;
  /** Look-ups and changes of users' places, and of photos. */
  readonly itemsRead: Quantity<'million'>;
  readonly itemsWritten: Quantity<'million'>;
  readonly itemsStored: Quantity<'GB-month'>;
  /** Capacity-unit hours of loads and reports. */
  readonly warehouse: Quantity<'unit-hour'>;
  readonly history: Quantity<'GB-month'>;
}

/** Nobody comes: what is left is the fixed cost. */
export const NOBODY: Usage = {
  requests: quantity('million', 0),
  bytesToViewers: quantity('GB', 0),
  photoViews: quantity('million', 0),
  hosts: {},
  capacityUnits: { writer: 0, replica: 0 },
  databaseStorage: quantity('GB-month', 0),
  databaseRequests: quantity('million', 0),
  balancerUnits: 0,
  rpcUnits: 0,
  betweenZones: quantity('GB', 0),
  cacheMemoryGigabytes: 0,
  cacheWork: quantity('million', 0),
  photosStored: quantity('GB-month', 0),
  photosWritten: quantity('million', 0),
  photosRead: quantity('million', 0),
  logs: quantity('GB', 0),
  snapshots: quantity('GB-month', 0),
  thumbnails: quantity('million', 0),
  itemsRead: quantity('million', 0),
  itemsWritten: quantity('million', 0),
  itemsStored: quantity('GB-month', 0),
  warehouse: quantity('unit-hour', 0),
  history: quantity('GB-month', 0),
};

import type { Phase } from '../../lib/phases';
import type { Templates } from '../../review/cloudformation';
import { quantity } from '../../review/cost/units';
import type { Usage } from '../../review/cost/usage';
import ASSUMED from './assumptions.json';
import type { DatabasePlan, GroupPlan } from './fleet';
import type { Load, Rate } from './load';

const KILO = 1e3;
const MEGA = 1e6;

/** Everything that a month of a load uses, in the last month for which content is kept. */
export function usageOf(
  phase: Phase,
  load: Load,
  { groups, database }: { readonly groups: readonly GroupPlan[]; readonly database: DatabasePlan },
  templates: Templates,
): Usage {
  const requests = load.reads + load.writes;
  // Every write is logged; errors and slow requests are few.
  const logged = load.writes + (load.reads * phase.loggedReadsPercent) / 100;
  const photoViews = load.reads * ASSUMED.photoViews.value;
  const photos = load.photos * load.months;
  const stored = load.content * load.months;
  const inSql = has(templates, 'AWS::RedshiftServerless::Namespace')
    ? Math.min(stored, load.content * ASSUMED.rowMonths.value)
    : stored;
  const replicas = Math.max(1, replicasOf(phase));
  return {
    requests: quantity('million', requests / MEGA),
    bytesToViewers: quantity(
      'GB',
      ((requests - photoViews) * ASSUMED.answerKilobytes.value + photoViews * ASSUMED.photoKilobytes.value) /
        MEGA,
    ),
    photoViews: quantity('million', photoViews / MEGA),
    hosts: Object.fromEntries(groups.map(({ name, average }) => [name, average])),
    capacityUnits: { writer: database.writer.average, replica: database.replicas.average / replicas },
    databaseStorage: quantity('GB-month', inSql),
    databaseRequests: quantity(
      'million',
      (requests * ASSUMED.storageReads.value + load.writes * ASSUMED.storageWrites.value) / MEGA,
    ),
    balancerUnits: balancerUnits(load.average),
    rpcUnits: balancerUnits(load.average) * ASSUMED.rpcCalls.value,
    betweenZones: quantity(
      'GB',
      phase.tiers === 'none' ? 0 : (requests * ASSUMED.hopKilobytes.value * ASSUMED.zoneHops.value) / MEGA,
    ),
    cacheMemoryGigabytes:
      (ASSUMED.productKilobytes.value + load.users * ASSUMED.sessionKilobytes.value) / MEGA,
    cacheWork: quantity('million', (load.reads * ASSUMED.cacheCommands.value) / MEGA),
    photosStored: quantity('GB-month', (photos * ASSUMED.photoMegabytes.value) / KILO),
    photosWritten: quantity('million', (load.photos * 5) / MEGA),
    photosRead: quantity('million', (photoViews * ASSUMED.photoMisses.value) / MEGA),
    logs: quantity('GB', (logged * ASSUMED.logLines.value * ASSUMED.logKilobytes.value) / MEGA),
    snapshots: quantity(
      'GB-month',
      onBox(phase) ? stored + (photos * ASSUMED.photoMegabytes.value) / KILO : 0,
    ),
    thumbnails: quantity('million', load.photos / MEGA),
    itemsRead: quantity('million', (requests * ASSUMED.itemsRead.value) / MEGA),
    itemsWritten: quantity('million', (load.writes * ASSUMED.itemsWritten.value + load.photos) / MEGA),
    itemsStored: quantity('GB-month', (load.users + photos) / MEGA),
    warehouse: quantity('unit-hour', ASSUMED.warehouseHours.value * Math.max(1, load.content / KILO)),
    history: quantity('GB-month', stored - inSql),
  };
}

/** Nobody writes to the volume any more once rows and photos have left it. */
const onBox = ({ database, files }: Phase): boolean =>
  database.placement === 'on-box' || files.placement === 'on-box';

const has = (templates: Templates, type: string): boolean =>
  Object.values(templates).some(({ Resources = {} }) =>
    Object.values(Resources).some(({ Type }) => Type === type),
  );

const replicasOf = ({ database }: Phase): number =>
  database.placement === 'aurora' ? database.readers + (database.standby ? 1 : 0) : 0;

/** A unit serves 25 new connections a second, or a gigabyte an hour; the larger need is billed. */
function balancerUnits(average: Rate): number {
  const gigabytesAnHour = (average * 3600 * ASSUMED.hopKilobytes.value) / MEGA;
  return Math.max((average * ASSUMED.newConnections.value) / 25, gigabytesAnHour);
}

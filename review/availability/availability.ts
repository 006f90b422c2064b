import type { AppGroupPlan, GroupSize, Phase, Tiers } from '../../lib/phases';
import { SERVICE_LEVELS, type Service } from './service-levels';

/** A part of a shop: one service, parts that are all needed, or parts of which one is enough. */
export type Part =
  | { readonly service: Service }
  | { readonly series: readonly Part[] }
  | { readonly parallel: readonly Part[] };

/** The share of a month in which the part works, if its services work as long as AWS promises, and fail by chance. */
export function availabilityOf(part: Part): number {
  if ('service' in part) return SERVICE_LEVELS[part.service].share;
  if ('series' in part) return part.series.reduce((share, one) => share * availabilityOf(one), 1);
  return 1 - part.parallel.reduce((share, one) => share * (1 - availabilityOf(one)), 1);
}

/** The parts that an answer about a product needs, and those that a purchase needs. */
export interface Paths {
  readonly browse: Part;
  readonly buy: Part;
}

export function pathsOf(phase: Phase): Paths {
  if (phase.tiers === 'none') {
    const all = series(...box, ...(phase.database.placement === 'on-box' ? [] : [one('database')]));
    const photos = phase.files.placement === 's3' ? [one('objects')] : [];
    return { browse: series(all, ...photos), buy: all };
  }
  const edge = phase.edge === 'cdn' ? [one('cdn'), one('firewall')] : [];
  const { browse, buy } = tierPaths(phase, phase.tiers);
  // A page comes from S3, and so do photos.
  return { browse: series(...edge, one('objects'), browse), buy: series(...edge, buy) };
}

/** The share of a month that AWS promises for what the shop's objectives measure. */
export const behindTheCdn = (phase: Phase): number =>
  phase.tiers === 'none'
    ? availabilityOf(pathsOf(phase).buy)
    : availabilityOf(tierPaths(phase, phase.tiers).buy);

/** Of its group, which replaces it within minutes, nothing is promised. */
const box: readonly Part[] = [{ service: 'instance' }, { service: 'volume' }];

function tierPaths(phase: Phase, { web, groups }: Tiers): Paths {
  const { database, cache } = phase;
  const ofAurora = database.placement === 'aurora' && (database.standby || database.readers > 0);
  const rows = one(ofAurora ? 'databases' : 'database');
  const front = series(one('balancer'), hosts(web), one('balancer'));
  const to = (access: AppGroupPlan['access']) =>
    groups.filter((group) => group.access === access).map(({ size }) => hosts(size));
  return {
    // Either of them answers about products that were asked for before (decision 0110).
    browse: series(front, ...to('read'), cache === 'none' ? rows : { parallel: [rows, one('cache')] }),
    buy: series(front, ...to('write'), rows),
  };
}

/** By chance alone three instances would be away for a second a month; a region is promised for less. */
const hosts = ({ instances }: GroupSize): Part => {
  const each: Part = { parallel: Array.from({ length: instances }, () => one('instance')) };
  const region = one('instances');
  return availabilityOf(each) < availabilityOf(region) ? each : region;
};

const one = (service: Service): Part => ({ service });
const series = (...parts: readonly Part[]): Part => ({ series: parts });

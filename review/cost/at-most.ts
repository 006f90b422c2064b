import { isObject, type Json, type Templates } from '../cloudformation';
import { resolveReferences } from '../resolve-references';
import { usdOf } from './line';
import { HOURS_A_MONTH } from './units';

/** Resources that grow by themselves, at the limits of the templates day and night. */
export interface AtMost {
  readonly about: string;
  readonly usd: number;
}

const SECONDS_A_MONTH = HOURS_A_MONTH * 3600;

/** The most that the database and the cache can cost; groups of hosts have their maximum in the plan. */
export function atMost(templates: Templates): AtMost[] {
  const units = resourcesOf(templates, 'AWS::RDS::DBInstance').map(({ stack, properties }) => {
    const [cluster] = resolveReferences(properties.DBClusterIdentifier, stack, templates);
    const scaling = cluster?.resource.Properties?.ServerlessV2ScalingConfiguration;
    return isObject(scaling) ? Number(scaling.MaxCapacity) : 0;
  });
  const all = units.reduce((sum, one) => sum + one, 0);
  const database = {
    about: `the database at most: ${units.length} ${units.length === 1 ? 'instance' : 'instances'}, ${all} units day and night`,
    usd: usdOf({ price: 'capacity unit', units: all * HOURS_A_MONTH }),
  };
  const caches = resourcesOf(templates, 'AWS::ElastiCache::ServerlessCache').map(({ properties }) => {
    const [gigabytes, unitsASecond] = limitsOf(properties.CacheUsageLimits);
    return {
      about: `the cache at most: ${gigabytes} GB, ${unitsASecond.toLocaleString('en')} units a second`,
      usd:
        usdOf({ price: 'cache memory', units: gigabytes * HOURS_A_MONTH }) +
        usdOf({ price: 'cache work', units: (unitsASecond * SECONDS_A_MONTH) / 1e6 }),
    };
  });
  return [...(units.length > 0 ? [database] : []), ...caches];
}

function limitsOf(limits: Json | undefined): [gigabytes: number, unitsASecond: number] {
  const { DataStorage, ECPUPerSecond } = isObject(limits) ? limits : {};
  return [
    isObject(DataStorage) ? Number(DataStorage.Maximum) : 0,
    isObject(ECPUPerSecond) ? Number(ECPUPerSecond.Maximum) : 0,
  ];
}

const resourcesOf = (templates: Templates, type: string) =>
  Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.values(Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties = {} }) => ({ stack, properties: Properties })),
  );

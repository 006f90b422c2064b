import type { BillRow } from '../../review/cost/bill';
import { charge, type PriceName, priceOf } from '../../review/cost/prices';
import ASSUMED from './assumptions.json';
import type { Load } from './load';

/** A month of the shop in USD at list price, on hosts and without any. */
export interface SideBySide {
  /** Paid in both cases: the way in, photos, logs, alarms, keys. */
  readonly inBoth: number;
  /** Hosts, their disks and addresses, balancers, endpoints, the database and the cache. */
  readonly onHosts: number;
  /** Functions in place of hosts, behind URLs of their own, which cost nothing. */
  readonly functions: number;
  /** DynamoDB on demand in place of the database and the cache. */
  readonly items: number;
}

/** The bill of a phase for a load, beside that of the same shop on functions and items. */
export function besideServerless(bill: readonly BillRow[], load: Load): SideBySide {
  const replaced = bill.filter(isReplaced);
  const stored = replaced.find(({ price }) => price === 'rows stored')?.units ?? load.content * load.months;
  return {
    inBoth: sum(bill.filter((row) => !isReplaced(row)).map(({ usd }) => usd)),
    onHosts: sum(replaced.map(({ usd }) => usd)),
    functions: usdOf({
      'function calls': (load.reads + load.writes) / MILLION,
      'function time':
        load.reads * ASSUMED.functionReadSeconds.value * gigabytes(512) +
        load.writes * ASSUMED.functionWriteSeconds.value * gigabytes(1769),
    }),
    items: usdOf({
      'items read': (load.reads * ASSUMED.itemUnitsOfARead.value) / MILLION,
      'items written': (load.writes * ASSUMED.itemUnitsOfAWrite.value) / MILLION,
      'items stored': stored,
      'items backed up': stored,
    }),
  };
}

const MILLION = 1e6;
const gigabytes = (megabytes: number): number => megabytes / 1024;

const SERVERS: readonly string[] = ['EC2', 'EBS', 'VPC', 'PrivateLink', 'ELB', 'Aurora', 'ElastiCache'];

/** Answers leave for the internet in either case. */
const isReplaced = ({ price }: BillRow): boolean =>
  price !== 'traffic to the internet' && SERVERS.includes(priceOf(price).service);

const usdOf = (units: Partial<Record<PriceName, number>>): number =>
  sum(Object.entries(units).map(([name, number]) => charge(priceOf(name as PriceName), number)));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

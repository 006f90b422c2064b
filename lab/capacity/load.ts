import { type Quantity, quantity } from '../../review/cost/units';
import ASSUMED from './assumptions.json';

type Users = Quantity<'user'>;
/** Of a month. */
export type Requests = Quantity<'request'>;
export type Rate = Quantity<'request/s'>;
type Gigabytes = Quantity<'GB'>;

/** The numbers of a shop; what is left out follows from the exercise. */
export interface PlanInput {
  readonly users?: number;
  /** A month. */
  readonly reads?: number;
  readonly writes?: number;
  /** Reads for each write. */
  readonly ratio?: number;
  /** Of a write. */
  readonly kb?: number;
  /** A month. */
  readonly photos?: number;
  /** For which content is kept. */
  readonly months?: number;
}

export interface Load {
  readonly users: Users;
  readonly reads: Requests;
  readonly writes: Requests;
  readonly averageReads: Rate;
  readonly averageWrites: Rate;
  /** Of reads and writes. */
  readonly average: Rate;
  readonly peak: Rate;
  /** New in a month. */
  readonly content: Gigabytes;
  readonly months: number;
  readonly photos: Quantity<'photo'>;
}

/** The arithmetic of the exercise. Users or one of reads and writes must be given; the rest follows. */
export function loadOf(input: PlanInput): Load {
  const ratio = input.ratio ?? ratioOf(input);
  const reads =
    input.reads ?? (input.writes !== undefined ? input.writes * ratio : readsOf(input.users ?? 0));
  const writes = input.writes ?? reads / ratio;
  const users = input.users ?? reads / ASSUMED.readsOfAUser.value;
  const average = perSecond(requests(reads + writes));
  return {
    users: quantity('user', users),
    reads: requests(reads),
    writes: requests(writes),
    averageReads: perSecond(requests(reads)),
    averageWrites: perSecond(requests(writes)),
    average,
    peak: atPeak(average),
    content: quantity('GB', (writes * (input.kb ?? ASSUMED.writeKilobytes.value)) / 1e6),
    months: input.months ?? 36,
    photos: quantity('photo', input.photos ?? writes * ASSUMED.photosOfAWrite.value),
  };
}

const readsOf = (users: number): number => users * ASSUMED.readsOfAUser.value;

const ratioOf = ({ reads, writes }: PlanInput): number =>
  reads !== undefined && writes ? reads / writes : ASSUMED.ratio.value;

const requests = (value: number): Requests => quantity('request', value);

export const perSecond = (monthly: Requests): Rate => quantity('request/s', monthly / ASSUMED.month.value);

export const atPeak = (rate: Rate): Rate => quantity('request/s', rate * ASSUMED.peak.value);

/** The same shop with another number of users. */
export function withUsers(load: Load, users: number): Load {
  const factor = load.users === 0 ? 0 : users / load.users;
  return {
    users: quantity('user', users),
    reads: requests(load.reads * factor),
    writes: requests(load.writes * factor),
    averageReads: quantity('request/s', load.averageReads * factor),
    averageWrites: quantity('request/s', load.averageWrites * factor),
    average: quantity('request/s', load.average * factor),
    peak: quantity('request/s', load.peak * factor),
    content: quantity('GB', load.content * factor),
    months: load.months,
    photos: quantity('photo', load.photos * factor),
  };
}

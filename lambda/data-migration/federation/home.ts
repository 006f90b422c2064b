import type { Placement } from '../placement/placement';

/** The place of the schema `users`: on the cluster that both services share, or on one of its own. */
export type Home = 'shared' | 'own';

/** The placement while there is no marker. */
export const AT_FIRST: Placement<Home> = { data: 'shared', since: new Date(0).toISOString(), by: 'nobody' };

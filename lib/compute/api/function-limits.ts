import { type AppGroupPlan, mostInstances } from '../../phases';

export interface FunctionLimits {
  readonly memoryMegabytes: number;
  /** Reserved, so that it is also the most that run at a time. */
  readonly concurrency: number;
  readonly timeoutSeconds: number;
}

/** In the pool of a host, for each schema. */
const CONNECTIONS_OF_A_HOST = 10;
/** So that those of both services fit into an account's default of 1,000, of which Lambda keeps 100 (a test). */
const MOST_AT_A_TIME = 360;

/**
 * A function that runs has one connection: together they open no more than the hosts would at their maximum, so the
 * database bears them. Writers hash passwords and render photos, for which 1,769 MB are a whole core.
 */
export const functionLimits = ({ access, size }: Pick<AppGroupPlan, 'access' | 'size'>): FunctionLimits => ({
  memoryMegabytes: access === 'write' ? 1769 : 512,
  concurrency: Math.min(MOST_AT_A_TIME, CONNECTIONS_OF_A_HOST * mostInstances(size)),
  // As long as a balancer waits between two bytes, less a second to say so.
  timeoutSeconds: 59,
});

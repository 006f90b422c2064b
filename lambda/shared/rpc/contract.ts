import type { z } from 'zod';

/** A method that a service offers to others. Both sides check what they receive against it. */
export interface Method {
  /** The group that answers it. Processes of `read` have database users that cannot write. */
  readonly access: 'read' | 'write';
  /** Objects that ignore unknown members, so that either side may be released first. */
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** For all attempts together, in milliseconds. */
  readonly deadlineMs: number;
  /** True if a second call changes nothing, so that a call with an unknown outcome may be repeated. */
  readonly idempotent: boolean;
}

export interface Contract {
  readonly service: 'users' | 'inventory';
  readonly methods: Readonly<Record<string, Method>>;
}

/** The methods of a service, called from another one or answered by it. */
export type Methods<Of extends Contract> = {
  readonly [Name in keyof Of['methods']]: (
    input: z.infer<Of['methods'][Name]['input']>,
  ) => Promise<z.infer<Of['methods'][Name]['output']>>;
};

export const rpcPath = ({ service }: Contract, method: string): string => `/rpc/${service}.${method}`;

/** The name in calls, of no DNS. Only the balancer for calls is asked by it, so nothing else reaches a method. */
export const RPC_HOST = 'rpc.shop.internal';

/** The milliseconds that are left to answer. */
export const DEADLINE_HEADER = 'x-deadline-ms';

/** Added to the path of a call for a critical request, so that it is admitted like one. */
export const URGENT = '?urgent';

import { type Contract, type Method, rpcPath } from '../shared/rpc/contract';
import { inventoryContract } from '../shared/rpc/inventory-contract';
import { usersContract } from '../shared/rpc/users-contract';

type Service = Contract['service'];
type Access = Method['access'];

/** Requests of clients that a service answers, by load balancer patterns: `*` stands for any characters. */
export interface ServiceRoute {
  readonly service: Service;
  readonly paths: readonly string[];
}

/**
 * The paths of services; `OTHERWISE` answers all others. Reads (GET and HEAD) go to the read group of a service, and
 * everything else to its write group. A rule of a balancer has at most five values, methods included.
 */
export const SERVICE_ROUTES: readonly ServiceRoute[] = [
  { service: 'users', paths: ['/api/users*', '/api/sessions*'] },
];
export const OTHERWISE: Service = 'inventory';

/** Calls between services, which the balancer `rpc` alone passes on, each to a group. */
export interface RpcRoute extends ServiceRoute {
  readonly access: Access;
}

export const RPC_ROUTES: readonly RpcRoute[] = [usersContract, inventoryContract].flatMap((contract) =>
  (['read', 'write'] as const)
    .map((access) => ({ service: contract.service, access, paths: pathsOf(contract, access) }))
    .filter(({ paths }) => paths.length > 0),
);

/** The service that answers a path. */
export const serviceOf = (path: string): Service =>
  PREFIXES.find(({ prefixes }) => prefixes.some((prefix) => path.startsWith(prefix)))?.service ?? OTHERWISE;

/** Every pattern ends with its only `*`. */
const PREFIXES = SERVICE_ROUTES.map(({ service, paths }) => ({
  service,
  prefixes: paths.map((path) => path.slice(0, -1)),
}));

function pathsOf(contract: Contract, access: Access): string[] {
  return Object.entries(contract.methods)
    .filter(([, method]) => method.access === access)
    .map(([name]) => rpcPath(contract, name));
}

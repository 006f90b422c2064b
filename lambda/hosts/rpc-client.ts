import { createRpcClient, type RpcClient } from '../shared/rpc/client';
import type { Contract } from '../shared/rpc/contract';
import { SETTING } from '../shared/runtime/settings';
import { authorityFrom } from './authority';

/** The client of the service at an origin, with the certificate of the environment. */
export async function openRpcClient<Of extends Contract>(
  contract: Of,
  url: string,
  env: NodeJS.ProcessEnv,
): Promise<RpcClient<Of>> {
  return createRpcClient(contract, { url, authority: await authorityFrom(env[SETTING.rpcAuthority]) });
}

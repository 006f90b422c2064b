import { SETTING } from '../../lambda/shared/runtime/settings';
import type { AppGroupPlan } from '../../lib/phases';
import type { SchemaUrls } from './accounts';

export interface AppEnvironmentOptions {
  /** The schemas with accounts that write, and with accounts that only read. */
  readonly urls: SchemaUrls;
  readonly readOnlyUrls: SchemaUrls;
  /** The sockets of the servers that answer reads beside the writer. */
  readonly readers: readonly string[];
  /** The origins that lead to processes that write, and to the services' methods; undefined where they share processes. */
  readonly writeUrl: string;
  readonly rpcUrl: string | undefined;
  /** The file of the certificate of both. */
  readonly authority: string;
}

const DATABASES = {
  users: { url: SETTING.usersDatabase, readers: SETTING.usersReaders },
  inventory: { url: SETTING.inventoryDatabase, readers: SETTING.inventoryReaders },
} as const;

/** The settings by which the groups differ: each service knows its own schema alone. */
export function appEnvironment(
  { service, access }: Pick<AppGroupPlan, 'service' | 'access'>,
  { urls, readOnlyUrls, readers, writeUrl, rpcUrl, authority }: AppEnvironmentOptions,
): Record<string, string> {
  const reads = access === 'read';
  const own = (['users', 'inventory'] as const).filter((schema) => service === 'all' || service === schema);
  const callee = service === 'inventory' ? SETTING.usersRpcUrl : SETTING.inventoryRpcUrl;
  return {
    ...Object.fromEntries(
      own.flatMap((schema) => {
        const url = (reads ? readOnlyUrls : urls)[schema];
        const { url: setting, readers: others } = DATABASES[schema];
        return [[setting, url], ...(reads && readers.length > 0 ? [[others, replicasOf(url, readers)]] : [])];
      }),
    ),
    ...(reads &&
      service !== 'inventory' && { [SETTING.writeUrl]: writeUrl, [SETTING.writeAuthority]: authority }),
    ...(rpcUrl && { [callee]: rpcUrl, [SETTING.rpcAuthority]: authority }),
  };
}

/** The same account, on the servers that follow the writer. */
const replicasOf = (url: string, sockets: readonly string[]): string =>
  sockets
    .map((socket) => url.replace(/socketPath=.*$/, `socketPath=${encodeURIComponent(socket)}`))
    .join(' ');

import { SETTING } from '../../../lambda/shared/runtime/settings';
import type { Cache } from '../../data/cache';
import type { ManagedDatabase } from '../../data/managed-database';
import type { PhotoStore } from '../../data/photo-store';
import { type SchemaName, schemasOf } from '../../data/schemas';
import { DEFAULT_SHOP } from '../../names';
import { type AppGroupPlan, groupName } from '../../phases';
import type { UsersHome } from './app-access';

export interface AppSettingsOptions extends Pick<AppGroupPlan, 'service' | 'access'> {
  /** The shop's name. */
  readonly shop: string;
  readonly loggedReadsPercent: number;
  /** Origins of other front ends whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** The hash of the release's asset, on hosts. */
  readonly release?: string;
  readonly database: ManagedDatabase;
  readonly users?: UsersHome | undefined;
  readonly cache?: Cache | undefined;
  readonly mediaBucket: string;
  /** Absent while photos are in the database. */
  readonly photos?: PhotoStore | undefined;
  /** The DNS names of the balancers. */
  readonly appBalancer: string;
  /** Absent while both services are in one process. */
  readonly rpcBalancer?: string | undefined;
  /** The region of a host, which also listens by itself, with TLS. Absent in a function. */
  readonly hostRegion?: string;
  /** The certificate of these balancers: a file, or PEM where the app has no file of it. */
  readonly insideCertificate: string;
}

/** The environment of the app in a role; it contains no secret. */
export function appSettings(options: AppSettingsOptions): Record<string, string> {
  const { service, access, shop, database, cache, mediaBucket, hostRegion } = options;
  const schemas = schemasOf(service);
  const account = access === 'read' ? 'reader' : 'app';
  return {
    NODE_ENV: 'production',
    ...(hostRegion && { AWS_REGION: hostRegion }),
    ...(service !== 'all' && { [SETTING.shopServices]: service }),
    [SETTING.shopRole]: access,
    [SETTING.hostRole]: groupName(options),
    ...metricsSettings(shop),
    ...(hostRegion && listening()),
    [SETTING.loggedReadsPercent]: String(options.loggedReadsPercent),
    ...originsSettings(options.allowedOrigins),
    ...(options.release && { [SETTING.release]: options.release }),
    ...settings(schemas, (schema) => [DATABASES[schema].writer, database.url(schema, account)]),
    ...(access === 'read' && readersSettings(schemas, database)),
    ...(service !== 'inventory' && ownUsersSettings(options)),
    ...(cache && { [SETTING.cache]: cache.url({ service, access }) }),
    ...(service !== 'users' && { [SETTING.media]: `s3://${mediaBucket}` }),
    ...(service !== 'users' && photoSettings(options)),
    ...peerSettings(options),
  };
}

/** Both clusters are known to hosts: the marker says which one has the users. */
const ownUsersSettings = ({ access, users }: AppSettingsOptions): Record<string, string> => {
  if (!users) return {};
  const replicas = access === 'read' ? users.database.replicaUrls('users').join(' ') : '';
  return {
    [SETTING.ownUsersDatabase]: users.database.url('users', access === 'read' ? 'reader' : 'app'),
    ...(replicas && { [SETTING.ownUsersReaders]: replicas }),
    [SETTING.federationBucket]: users.deployments.bucketName,
    ...users.shards?.settings(access === 'read' ? 'reader' : 'app'),
  };
};

const photoSettings = ({ photos }: AppSettingsOptions): Record<string, string> =>
  photos
    ? {
        [SETTING.photoTable]: photos.table.tableName,
        [SETTING.photoQueue]: photos.queue.queueUrl,
        [SETTING.mostWaitingPhotos]: String(photos.workers.mostWaiting),
      }
    : {};

const listening = () => ({
  [SETTING.host]: '0.0.0.0',
  [SETTING.port]: String(appPort),
  [SETTING.tlsCertificate]: '/etc/shop/tls/current/certificate.pem',
  [SETTING.tlsKey]: '/etc/shop/tls/current/key.pem',
});

/** The ways to other processes of the shop, and the certificate to trust there. */
function peerSettings(options: AppSettingsOptions): Record<string, string> {
  const { service, access, appBalancer, rpcBalancer, insideCertificate } = options;
  const reportsSessions = service !== 'inventory' && access === 'read';
  const calls = rpcBalancer && callsOf({ service, access });
  return {
    ...(reportsSessions && {
      [SETTING.writeUrl]: `https://${appBalancer}`,
      [SETTING.writeAuthority]: insideCertificate,
    }),
    ...(calls && { [calls]: `https://${rpcBalancer}`, [SETTING.rpcAuthority]: insideCertificate }),
  };
}

/** The setting with the origin of the service that is called; hosts of users that only read call nobody. */
function callsOf({ service, access }: Pick<AppGroupPlan, 'service' | 'access'>): string | undefined {
  if (service === 'inventory') return SETTING.usersRpcUrl;
  return access === 'write' ? SETTING.inventoryRpcUrl : undefined;
}

/** The file of the certificate on hosts, by their user data. */
export const insideCertificateFile = '/etc/shop/tls/inside.pem';

const DATABASES: Readonly<Record<SchemaName, { writer: string; readers: string }>> = {
  users: { writer: SETTING.usersDatabase, readers: SETTING.usersReaders },
  inventory: { writer: SETTING.inventoryDatabase, readers: SETTING.inventoryReaders },
};

/** The replicas, for processes that only read. Their other setting of each schema is the way to the writer. */
function readersSettings(schemas: readonly SchemaName[], database: ManagedDatabase): Record<string, string> {
  if (database.database.replicaEndpoints.length === 0) return {};
  return settings(schemas, (schema) => [DATABASES[schema].readers, database.replicaUrls(schema).join(' ')]);
}

const settings = (
  schemas: readonly SchemaName[],
  of: (schema: SchemaName) => [string, string],
): Record<string, string> => Object.fromEntries(schemas.map(of));

/** Nothing while no other front end is allowed. */
export const originsSettings = (origins: readonly string[] = []): Record<string, string> =>
  origins.length === 0 ? {} : { [SETTING.allowedOrigins]: origins.join(' ') };

/** The metrics namespace, unless the shop has the default name. */
export const metricsSettings = (shop: string): Record<string, string> =>
  shop === DEFAULT_SHOP ? {} : { [SETTING.metricsNamespace]: shop };

/** The port of the app, as in the firewall's rules. */
export const appPort = 8443;

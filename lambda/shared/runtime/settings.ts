/** Names of the environment variables that services read; constructs and hosts set them. */
export const SETTING = {
  host: 'HOST',
  port: 'PORT',
  usersDatabase: 'USERS_DATABASE',
  inventoryDatabase: 'INVENTORY_DATABASE',
  /** The replicas of the two databases, URLs separated by spaces, for processes that only read. Default: none. */
  usersReaders: 'USERS_READERS',
  inventoryReaders: 'INVENTORY_READERS',
  /**
   * The schema of the users on a cluster of their own, and its replicas, while the data may be there or on the shared one:
   * the marker in the bucket says where.
   */
  ownUsersDatabase: 'OWN_USERS_DATABASE',
  ownUsersReaders: 'OWN_USERS_READERS',
  federationBucket: 'FEDERATION_BUCKET',
  /** The table with the directory of users and the map of shards. Default: there are no shards. */
  directoryTable: 'DIRECTORY_TABLE',
  /** The shards of the users: `<name>=<URL>`, separated by spaces, and in the same form the replicas of each. */
  usersShards: 'USERS_SHARDS',
  usersShardsReaders: 'USERS_SHARDS_READERS',
  /** The cache that all processes share: `valkey://host:port` or `valkeys://host:port?user=<IAM user>&cache=<name>`. */
  cache: 'CACHE',
  /** The services of this process: `all` (default), `users` or `inventory`. */
  shopServices: 'SHOP_SERVICES',
  /** The role of this process: `all` (default), `read` (GET and HEAD, never writes) or `write`. */
  shopRole: 'SHOP_ROLE',
  /** Files with the certificate and key for HTTPS; without them, plain HTTP. */
  tlsCertificate: 'TLS_CERTIFICATE',
  tlsKey: 'TLS_KEY',
  /** Origins of other front ends whose pages may call the API, separated by spaces. Default: none. */
  allowedOrigins: 'ALLOWED_ORIGINS',
  /** For read-only processes: the origin to report the use of sessions to, and its certificate as below. */
  writeUrl: 'WRITE_URL',
  writeAuthority: 'WRITE_CA',
  /**
   * For the services in separate processes: the origins for calls of the other one, which lead to the balancer for calls,
   * and its certificate: a file, or PEM. Without `inventoryRpcUrl`, deleted accounts wait for a process that has it.
   */
  usersRpcUrl: 'USERS_RPC_URL',
  inventoryRpcUrl: 'INVENTORY_RPC_URL',
  rpcAuthority: 'RPC_CA',
  /** The kind of host in metrics, such as `box`. Enables host metrics. */
  hostRole: 'HOST_ROLE',
  /** The CloudWatch namespace of host metrics. Default `Shop`. */
  metricsNamespace: 'METRICS_NAMESPACE',
  /** Seconds between two host metrics. Default 60. */
  metricsInterval: 'METRICS_INTERVAL',
  /**
   * The share of reads that is logged, in percent, besides refused, failed and slow ones. Default 100. A proxy that
   * begins the trace decides instead.
   */
  loggedReadsPercent: 'LOGGED_READS_PERCENT',
  /** The release, in lines about errors. Default: none. */
  release: 'RELEASE',
  /** The folder of the data volume. */
  dataFolder: 'DATA_DIR',
  /** The store of photos: `file:/folder` or `s3://bucket`. */
  media: 'MEDIA',
  /**
   * Photos in a table, with workers elsewhere: the name of the table in DynamoDB, and the URL of the queue in SQS. Default:
   * photos in the database, rendered by this process.
   */
  photoTable: 'PHOTO_TABLE',
  photoQueue: 'PHOTO_QUEUE',
  /** Beyond so many photos that wait for a worker, uploads are refused. */
  mostWaitingPhotos: 'MOST_WAITING_PHOTOS',
  /** For workers: the URL of the queue for jobs that failed for good. */
  photoDeadLetters: 'PHOTO_DEAD_LETTERS',
  /** The same on the managed side; set during a migration, together with the bucket below. */
  managedUsersDatabase: 'MANAGED_USERS_DATABASE',
  managedInventoryDatabase: 'MANAGED_INVENTORY_DATABASE',
  managedMedia: 'MANAGED_MEDIA',
  /** The Deployments bucket, with the placement of the data and the commands that move it. */
  placementBucket: 'PLACEMENT_BUCKET',
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error if the setting is missing */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`The environment variable ${name} is required but not set`);
  return value;
}

/** `<name>=<URL>`, separated by spaces. */
export const namedUrls = (setting = ''): [name: string, url: string][] =>
  setting
    .split(' ')
    .filter(Boolean)
    .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]);

/** Undefined if it is not set. @throws Error if the value is not a positive number */
export function positiveFrom(env: Environment, name: string): number | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number > 0)) throw new Error(`${name} must be a positive number, not "${value}"`);
  return number;
}

/** Undefined if it is not set. @throws Error if the value is no share of a hundred */
export function percentFrom(env: Environment, name: string): number | undefined {
  const percent = positiveFrom(env, name);
  if (percent !== undefined && percent > 100)
    throw new Error(`${name} must be at most 100, not "${percent}"`);
  return percent;
}

/** @throws Error if the value is not a port */
export function portFrom(env: Environment): number | undefined {
  const value = env[SETTING.port];
  if (value === undefined) return undefined;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${SETTING.port} must be a number from 0 to 65535, not "${value}"`);
  }
  return port;
}

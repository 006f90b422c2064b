/** The names of the settings that services read from their environment; constructs and hosts set these. */
export const SETTING = {
  host: 'HOST',
  port: 'PORT',
  usersDatabase: 'USERS_DATABASE',
  inventoryDatabase: 'INVENTORY_DATABASE',
  /** What this process answers: `all` (when not set), `read` (GET and HEAD, never writes), `write`. */
  shopRole: 'SHOP_ROLE',
  /** Files with the certificate and key to serve with; without them, plain HTTP. */
  tlsCertificate: 'TLS_CERTIFICATE',
  tlsKey: 'TLS_KEY',
  /** Where a process that only reads says that a session was seen, and the file with the certificate of who answers there. */
  writeUrl: 'WRITE_URL',
  writeAuthority: 'WRITE_CA',
  /** Where the user service answers, for an inventory service in a process of its own. */
  usersUrl: 'USERS_URL',
  /** What kind of host this is, as metrics name it: `box`. Set where host metrics are wanted. */
  hostRole: 'HOST_ROLE',
  /** The folder of the data volume. */
  dataFolder: 'DATA_DIR',
  /** Where photos are: `file:/folder` or `s3://bucket`. */
  media: 'MEDIA',
  /** The same three on the side that the data moves to: set while there are two sides, with the bucket below. */
  managedUsersDatabase: 'MANAGED_USERS_DATABASE',
  managedInventoryDatabase: 'MANAGED_INVENTORY_DATABASE',
  managedMedia: 'MANAGED_MEDIA',
  /** Says which side has the data, and takes the commands that move it: the Deployments bucket. */
  placementBucket: 'PLACEMENT_BUCKET',
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the setting when it is missing */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`The setting ${name} is missing: set it in the environment`);
  return value;
}

/** @throws Error when it is no port */
export function portFrom(env: Environment): number | undefined {
  const value = env[SETTING.port];
  if (value === undefined) return undefined;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${SETTING.port} is a number from 0 to 65535, not "${value}"`);
  }
  return port;
}

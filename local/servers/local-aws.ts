/** Settings of the servers on this machine that stand for AWS. They do not check credentials. */

/** The buckets of phase 2. */
export const BUCKETS = { media: 'media', deployments: 'deployments' } as const;

const REGION = 'us-east-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export const localConfig = (endpoint: string) => ({ endpoint, region: REGION, credentials });

export const s3Config = (endpoint: string) => ({ ...localConfig(endpoint), forcePathStyle: true });

/** The same as environment variables; keeps the user's own AWS configuration files out. */
export const s3Environment = (endpoint: string) => ({
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});

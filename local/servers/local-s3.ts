/** The S3 on this machine: for whom it stands, and how it is reached. Nobody checks the credentials. */

/** Its buckets, for what phase 2 has a bucket for. */
export const BUCKETS = { media: 'media', deployments: 'deployments' } as const;

const REGION = 'us-east-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export const s3Config = (endpoint: string) => ({
  endpoint,
  region: REGION,
  forcePathStyle: true,
  credentials,
});

/** The same for a process that reads it from its environment, and nothing from the files of who runs it. */
export const s3Environment = (endpoint: string) => ({
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});

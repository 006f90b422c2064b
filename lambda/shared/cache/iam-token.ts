import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

export interface IamTokenOptions {
  /** The name of a serverless cache, in lower case. */
  readonly cache: string;
  /** The id of the cache's user, which is also its name. */
  readonly user: string;
  readonly region: string;
  /** Default: those of the host's role. */
  readonly credentials?: ConstructorParameters<typeof SignatureV4>[0]['credentials'];
}

/** A token logs in for so long; the connection lasts up to 12 hours. */
const VALID_SECONDS = 900;

/** Makes log-in tokens for ElastiCache: a signed request, without its scheme, that is never sent. */
export function iamTokens({ cache, user, region, credentials = defaultProvider() }: IamTokenOptions) {
  const signer = new SignatureV4({ service: 'elasticache', region, credentials, sha256: Sha256 });
  return async (now = new Date()): Promise<string> => {
    const { query = {} } = await signer.presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: cache,
        path: '/',
        headers: { host: cache },
        query: { Action: 'connect', User: user, ResourceType: 'ServerlessCache' },
      },
      { signingDate: now, expiresIn: VALID_SECONDS },
    );
    const pairs = Object.entries(query).map(
      ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
    );
    return `${cache}/?${pairs.join('&')}`;
  };
}

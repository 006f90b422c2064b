import { S3Client } from '@aws-sdk/client-s3';
import { openMailbox } from '../../lambda/data-migration/control/mailbox';
import { executeFederation } from '../../lambda/data-migration/federation/executor';
import type { Home } from '../../lambda/data-migration/federation/home';
import { type HomeAccess, openFederation } from '../../lambda/data-migration/federation/open-federation';
import { FEDERATION_KEY, federationKeys } from '../../lambda/data-migration/object-keys';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import { createLog } from '../../lambda/shared/runtime/log';
import { rdsTls, type Tls } from '../../lambda/shared/sql/rds-tls';
import { openSecretMysql } from '../../lambda/shared/sql/rotating-credentials';
import { type Credentials, credentialsReader } from '../../lambda/shared/sql/secrets';
import { whenAllowed } from '../custom-resource/when-allowed';
import { fencedAccounts, schemas } from './schemas';

/** Work is left to the next call so long before the end: what is held by then is let go in seconds. */
const RESERVE_MS = 120_000;

/**
 * Executes the command in the mailbox, which moves the users between the clusters. A command that takes longer than a
 * function may is left, and goes on with the next call. IAM alone decides who may invoke it.
 */
export async function handler(
  _event: object,
  context: { getRemainingTimeInMillis(): number },
  tls: Tls | null = rdsTls,
): Promise<void> {
  const { BUCKET = '' } = process.env;
  const s3 = new S3Client();
  const log = createLog();
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
  const open = async () => {
    const marker = s3Marker<Home>(s3, BUCKET, FEDERATION_KEY);
    const [shared, own] = await Promise.all([accessTo('shared', tls), accessTo('own', tls)]);
    return openFederation({ marker, homes: { shared, own }, log });
  };
  try {
    // Called right after a deploy, its permissions may still be on their way.
    await whenAllowed(() =>
      executeFederation({ mailbox: openMailbox(s3, BUCKET, federationKeys), open, log, signal }),
    );
  } finally {
    s3.destroy();
  }
}

async function accessTo(home: Home, tls: Tls | null): Promise<HomeAccess> {
  const { DATABASE = '', MASTER = '', USERS_ACCOUNT = '' } = process.env;
  const { OWN_DATABASE = '', OWN_MASTER = '', OWN_USERS_ACCOUNT = '' } = process.env;
  const [server, master, account] =
    home === 'own' ? [OWN_DATABASE, OWN_MASTER, OWN_USERS_ACCOUNT] : [DATABASE, MASTER, USERS_ACCOUNT];
  const [admin, writer] = await Promise.all([credentialsReader(master)(), credentialsReader(account)()]);
  return {
    fence: {
      ...{ admin: withLogin(server, admin), writer: withLogin(server, writer) },
      ...{ accounts: fencedAccounts('%'), tls },
    },
    open: async () => openSecretMysql(withSecret(server, master), { tls, use: 'maintenance' }),
  };
}

function withLogin(server: string, { user, password }: Credentials): string {
  const url = ofUsers(server);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  return url.href;
}

function withSecret(server: string, secret: string): string {
  const url = ofUsers(server);
  url.searchParams.set('secret', secret);
  return url.href;
}

const ofUsers = (server: string): URL =>
  Object.assign(new URL(server), { pathname: `/${schemas.users.name}` });

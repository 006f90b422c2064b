import { randomBytes } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { rdsTls } from '../../lambda/shared/sql/rds-tls';
import { credentialsFrom } from '../../lambda/shared/sql/secrets';
import { whenAllowed } from '../custom-resource/when-allowed';
import { changePassword, knows, type Server } from './accounts.steps';

/** The event of Secrets Manager for one of the four steps of a rotation. */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  readonly SecretId: string;
  /** The id of the pending version. */
  readonly ClientRequestToken: string;
}

/** The server rejects a password that it should accept. */
class RotationError extends Error {
  override readonly name = 'RotationError';
}

/**
 * Each step may come again, after itself or after the next one failed, and leads to the same end. The first rotation
 * comes with the schedule, seconds after the permissions.
 */
export async function handler(
  event: RotationEvent,
  _context?: object,
  tls: Server['tls'] = rdsTls,
): Promise<void> {
  await whenAllowed(() => rotate(event, { url: process.env.DATABASE ?? '', tls }));
}

async function rotate({ Step, SecretId, ClientRequestToken }: RotationEvent, server: Server): Promise<void> {
  const secret = versionsOf(SecretId);
  if (!(await secret.isPending(ClientRequestToken))) return;
  console.log(JSON.stringify({ step: Step, secret: SecretId, version: ClientRequestToken }));
  switch (Step) {
    case 'createSecret':
      return secret.createPending(ClientRequestToken);
    case 'setSecret':
      return set(server, await secret.get('AWSCURRENT'), await secret.get('AWSPENDING', ClientRequestToken));
    case 'testSecret':
      return test(server, await secret.get('AWSPENDING', ClientRequestToken));
    case 'finishSecret':
      return secret.makeCurrent(ClientRequestToken);
  }
}

async function set(server: Server, current: string | undefined, pending: string | undefined): Promise<void> {
  const next = credentialsFrom(pending ?? '');
  if (await knows(server, next)) return;
  const now = credentialsFrom(current ?? '');
  if (!(await knows(server, now))) {
    throw new RotationError(
      `The database rejects both the current and the pending password of ${now.user}. Deploy again: the migration function resets it`,
    );
  }
  await changePassword(server, now, next.password);
}

async function test(server: Server, pending: string | undefined): Promise<void> {
  const next = credentialsFrom(pending ?? '');
  if (!(await knows(server, next)))
    throw new RotationError(`The database rejects the pending password of ${next.user}`);
}

/** The versions of one secret, by staging label. */
function versionsOf(SecretId: string) {
  const client = new SecretsManagerClient();

  const stages = async () =>
    (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {};

  const get = async (VersionStage: string, VersionId?: string): Promise<string | undefined> => {
    try {
      return (await client.send(new GetSecretValueCommand({ SecretId, VersionStage, VersionId })))
        .SecretString;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };

  return {
    get,

    /** False if this version is already current and nothing is left to do. */
    isPending: async (version: string): Promise<boolean> => {
      const known = (await stages())[version];
      if (known?.includes('AWSCURRENT')) return false;
      if (known?.includes('AWSPENDING')) return true;
      throw new RotationError(`Version ${version} is not staged as AWSPENDING`);
    },

    createPending: async (version: string): Promise<void> => {
      if (await get('AWSPENDING', version)) return;
      const current = JSON.parse((await get('AWSCURRENT')) ?? '{}');
      await client.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken: version,
          SecretString: JSON.stringify({ ...current, password: randomBytes(30).toString('base64url') }),
          VersionStages: ['AWSPENDING'],
        }),
      );
    },

    makeCurrent: async (version: string): Promise<void> => {
      const [old] = Object.entries(await stages()).find(([, names]) => names.includes('AWSCURRENT')) ?? [];
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: version,
          RemoveFromVersionId: old,
        }),
      );
    },
  };
}

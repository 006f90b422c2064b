import { randomBytes } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { rdsTls } from '../../lambda/shared/rds-tls';
import { credentialsFrom } from '../../lambda/shared/secrets';
import { changePassword, knows, type Server } from './accounts.steps';

/** What Secrets Manager asks a rotation function, four times a rotation. */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  readonly SecretId: string;
  /** The id of the version that is to become the current one. */
  readonly ClientRequestToken: string;
}

/** The server does not take what it should. */
class RotationError extends Error {
  override readonly name = 'RotationError';
}

/** Each step may come again, after itself or after the next one failed, and leads to the same end. */
export async function handler(
  { Step, SecretId, ClientRequestToken }: RotationEvent,
  _context?: object,
  tls: Server['tls'] = rdsTls,
): Promise<void> {
  const secret = versionsOf(SecretId);
  const server = { url: process.env.DATABASE ?? '', tls };
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
      `The database refuses ${now.user} with the current password, and with the next one. Deploy again: the migration function sets it`,
    );
  }
  await changePassword(server, now, next.password);
}

async function test(server: Server, pending: string | undefined): Promise<void> {
  const next = credentialsFrom(pending ?? '');
  if (!(await knows(server, next)))
    throw new RotationError(`The database refuses ${next.user} with the next password`);
}

/** One secret's versions, by their stage. */
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

    /** False when this version is the current one already, and nothing is left to do. */
    isPending: async (version: string): Promise<boolean> => {
      const known = (await stages())[version];
      if (known?.includes('AWSCURRENT')) return false;
      if (known?.includes('AWSPENDING')) return true;
      throw new RotationError(`Version ${version} is not waiting to be rotated in`);
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

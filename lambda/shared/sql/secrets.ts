import {
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/** A database user in Secrets Manager; `version` identifies the password. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly version: string;
}

/** The secret does not contain a database user. */
class NotCredentialsError extends Error {
  override name = 'NotCredentialsError';
}

/** Reads the current credentials from the secret with this ARN. */
export function credentialsReader(arn: string, client = new SecretsManagerClient()) {
  return (): Promise<Credentials> => readSecret(client, { SecretId: arn });
}

/** Reads the credentials that a rotation is about to make valid; undefined while none is under way. */
export function pendingCredentialsReader(arn: string, client = new SecretsManagerClient()) {
  return async (): Promise<Credentials | undefined> => {
    try {
      return await readSecret(client, { SecretId: arn, VersionStage: 'AWSPENDING' });
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
}

async function readSecret(
  client: SecretsManagerClient,
  input: GetSecretValueCommandInput,
): Promise<Credentials> {
  const { SecretString = '', VersionId = '' } = await client.send(new GetSecretValueCommand(input));
  return { ...credentialsFrom(SecretString), version: VersionId };
}

/** The form that RDS and Secrets Manager's rotations use. @throws NotCredentialsError, without what the secret holds */
export function credentialsFrom(text: string): Pick<Credentials, 'user' | 'password'> {
  const { username, password } = parsed(text);
  if (typeof username === 'string' && typeof password === 'string') return { user: username, password };
  throw new NotCredentialsError('The secret of a database user must be {"username": "…", "password": "…"}');
}

function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

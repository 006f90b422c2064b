import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** A database user as Secrets Manager keeps it; `version` names this very password. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly version: string;
}

/** The secret is none of a database user. */
class NotCredentialsError extends Error {
  override name = 'NotCredentialsError';
}

/** Reads the credentials that are valid now, from the secret with this ARN. */
export function credentialsReader(arn: string, client = new SecretsManagerClient()) {
  return async (): Promise<Credentials> => {
    const { SecretString = '', VersionId = '' } = await client.send(
      new GetSecretValueCommand({ SecretId: arn }),
    );
    return { ...credentialsFrom(SecretString), version: VersionId };
  };
}

/** The form that RDS and Secrets Manager's rotations use. @throws NotCredentialsError, without what the secret holds */
export function credentialsFrom(text: string): Pick<Credentials, 'user' | 'password'> {
  const { username, password } = parsed(text);
  if (typeof username === 'string' && typeof password === 'string') return { user: username, password };
  throw new NotCredentialsError('A secret of a database user is {"username": "…", "password": "…"}');
}

function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

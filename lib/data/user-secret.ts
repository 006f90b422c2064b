import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DatabaseUser } from './schemas';

/**
 * Name and password of a database user, in the format of Secrets Manager's rotation functions.
 * @param cluster in words: `the shop`
 */
export function userSecret(
  scope: Construct,
  id: string,
  { name }: DatabaseUser,
  key: IKey,
  cluster: string,
): Secret {
  return new Secret(scope, id, {
    description: `The database user ${name} of ${cluster}`,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.RETAIN,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username: name }),
      generateStringKey: 'password',
      passwordLength: 40,
      excludePunctuation: true,
    },
  });
}

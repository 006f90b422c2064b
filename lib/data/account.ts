import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DatabaseUser } from './schemas';

/** Name and password of a database user, in the form that Secrets Manager's rotations know. */
export function accountSecret(scope: Construct, id: string, { name }: DatabaseUser, key: IKey): Secret {
  return new Secret(scope, id, {
    description: `The database user ${name} of the shop`,
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

import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Schema } from './schemas';

/** Name and password of a service's database user, in the form that Secrets Manager's rotations know. */
export function accountSecret(scope: Construct, id: string, schema: Schema, key: IKey): Secret {
  return new Secret(scope, id, {
    description: `The database user ${schema.account} of the shop`,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.RETAIN,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username: schema.account }),
      generateStringKey: 'password',
      passwordLength: 40,
      excludePunctuation: true,
    },
  });
}

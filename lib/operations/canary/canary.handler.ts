import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Step, visit } from './visit.steps';

/** The part that is used of the library of Synthetics, which is in the runtime and in no package. */
interface SyntheticsCore {
  readonly synthetics: {
    executeStep(name: string, work: () => Promise<void>): Promise<unknown>;
  };
}

/** Called by Synthetics; a failed step fails the run. */
export async function handler(_event?: object): Promise<void> {
  const { SHOP_URL = '', SECRET = '' } = process.env;
  const { synthetics } = require('@aws/synthetics-core') as SyntheticsCore;
  const step: Step = async (name, work) => {
    await synthetics.executeStep(name, work);
  };
  await visit({ url: SHOP_URL, password: await passwordOf(SECRET), step });
}

async function passwordOf(SecretId: string): Promise<string> {
  const { SecretString } = await new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId }));
  const { password } = JSON.parse(SecretString ?? '{}');
  if (!password) throw new Error(`The secret ${SecretId} holds no password`);
  return password;
}

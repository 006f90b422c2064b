import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { OUTPUT, stackName } from '../../lib/names';
import { invoking, invokingClient } from '../aws/invoke';
import { findStack, stackOutputs } from '../aws/stacks';
import type { FederationAccess } from './command';
import { wakeFunction } from './wake';

const PHASE = 6;

/** The users of a deployed shop, moved by its function, which the deployer's credentials invoke. */
export async function deployedFederation(
  shop: string,
  region: string | undefined,
): Promise<FederationAccess & { close(): void }> {
  const place = region ? { region } : {};
  const cloudFormation = new CloudFormationClient(place);
  const output = await stackOutputs(cloudFormation, stackName(shop, 'Data'), PHASE);
  const name = output(OUTPUT.federationFunction);
  const lambda = invokingClient(place);
  const s3 = new S3Client(place);
  return {
    ...{ s3, bucket: output(OUTPUT.deploymentsBucket) },
    executor: {
      ...{ name: `the function ${name}`, command: 'npm run federate' },
      sent: 'Command sent. A function executes it, for at most 13 minutes after Ctrl+C.',
      silent: 'Its log in CloudWatch may say why.',
      wake: wakeFunction(() => invoking<object>(lambda, name, { shownBy: 'npm run federate -- status' })({})),
    },
    ready: async () => {
      const services = stackName(shop, 'Services');
      const { status = '', outputs } = (await findStack(cloudFormation, services)) ?? {};
      if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status) || !outputs?.[OUTPUT.followsUsers])
        throw new Error(
          `${services} is "${status}" and must be complete in phase ${PHASE}: hosts of an earlier phase would lose the users`,
        );
    },
    close: () => {
      for (const client of [cloudFormation, lambda, s3]) client.destroy();
    },
  };
}

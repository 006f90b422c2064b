import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type HereCall, remoteHere, remoteThere, type ThereCall } from '../../lambda/archive/calls';
import { OUTPUT, stackName } from '../../lib/names';
import { invoking, invokingClient } from '../aws/invoke';
import { stackOutputs } from '../aws/stacks';

/**
 * The two sides of a deployed shop: its functions, invoked with the deployer's credentials. Calls throw a CallFailedError,
 * or the error of AWS that refused them. `answerMs`: how long an answer may take.
 */
export async function deployedSides(shop: string, region: string | undefined, answerMs?: number) {
  const place = region ? { region } : {};
  const stacks = new CloudFormationClient(place);
  const output = await stackOutputs(stacks, stackName(shop, 'Data'), 6).finally(() => stacks.destroy());
  const client = invokingClient(place);
  const options = { answerMs, shownBy: 'npm run warehouse -- status' };
  return {
    here: remoteHere(invoking<HereCall>(client, output(OUTPUT.archiveFunction), options)),
    there: remoteThere(invoking<ThereCall>(client, output(OUTPUT.warehouseFunction), options)),
    close: async () => client.destroy(),
  };
}

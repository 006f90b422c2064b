import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { stackName } from '../../lib/names';
import { invoking, invokingClient } from './invoke';
import { stackOutputs } from './stacks';

export interface DeployedFunction {
  /** The shop's name. */
  readonly shop: string;
  readonly region: string | undefined;
  /** The output of Shop-Data with its name. */
  readonly output: string;
  /** The first phase that has it. */
  readonly phase: number;
}

/** Calls a function of a deployed shop with the deployer's credentials. @throws Error with the function's own message */
export async function callDeployed<Result>(
  { shop, region, output, phase }: DeployedFunction,
  event: object,
): Promise<Result> {
  const place = region ? { region } : {};
  const cloudFormation = new CloudFormationClient(place);
  const lambda = invokingClient(place);
  try {
    const name = (await stackOutputs(cloudFormation, stackName(shop, 'Data'), phase))(output);
    return await invoking<object>(lambda, name, { shownBy: 'this command' })<Result>(event);
  } finally {
    cloudFormation.destroy();
    lambda.destroy();
  }
}

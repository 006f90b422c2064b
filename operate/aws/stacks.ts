import './node-version';
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';

export interface FoundStack {
  readonly status: string;
  readonly id: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Undefined if there is no stack of that name. */
export async function findStack(client: CloudFormationClient, name: string): Promise<FoundStack | undefined> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return stack && found(stack);
  } catch (error) {
    // CloudFormation's word for "there is none"; it has no code of its own.
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** The outputs of a stack, by name. The result throws an Error that says which phase to deploy for one that is missing. */
export async function stackOutputs(
  client: CloudFormationClient,
  stack: string,
  phase: number,
): Promise<(output: string) => string> {
  const { outputs } = (await findStack(client, stack)) ?? {};
  return (output) => {
    const value = outputs?.[output];
    if (!value) throw new Error(`The stack ${stack} has no output ${output}: deploy phase ${phase} first`);
    return value;
  };
}

function found({ StackStatus: status, StackId = '', Outputs = [] }: Stack): FoundStack {
  const outputs = Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  return { status: status ?? '', id: StackId, outputs };
}

/** The phase and the zones that are deployed, by the guard in the network stack's own template. */
export interface DeployedGuard {
  readonly phase: number;
  /** With commas; undefined in templates from before zones were names. */
  readonly zones: string | undefined;
}

export async function deployedGuard(
  client: CloudFormationClient,
  networkStack: string,
): Promise<DeployedGuard | undefined> {
  const stack = await findStack(client, networkStack);
  // A stack whose first deploy failed has a template, but nothing of it is there.
  if (!stack || /^(ROLLBACK_|REVIEW_|CREATE_FAILED|DELETE_)/.test(stack.status)) return undefined;
  const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName: networkStack }));
  return guardIn(TemplateBody);
}

function guardIn(template: string): DeployedGuard | undefined {
  const { Resources = {} }: { Resources?: Record<string, { Type: string; Properties?: object }> } =
    JSON.parse(template);
  const guard = Object.values(Resources).find(({ Type }) => Type === 'Custom::PhaseGuard');
  const { Phase, Zones } = (guard?.Properties ?? {}) as { Phase?: string; Zones?: string };
  return Phase === undefined ? undefined : { phase: Number(Phase), zones: Zones };
}

import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { addressPlan } from '../network/address-plan';

/**
 * The zones of a shop: those of its public subnets, which every phase has, in the order of the address plan. Read from
 * EC2, since a shop may have been deployed before its zones were recorded.
 * @param stackId of the network stack
 */
export async function deployedZones(stackId: string): Promise<string[]> {
  const { Subnets = [] } = await new EC2Client().send(
    new DescribeSubnetsCommand({
      Filters: [
        { Name: 'tag:aws:cloudformation:stack-id', Values: [stackId] },
        { Name: 'cidr-block', Values: [...addressPlan.public] },
      ],
    }),
  );
  const zones = addressPlan.public.map(
    (cidr) => Subnets.find(({ CidrBlock }) => CidrBlock === cidr)?.AvailabilityZone,
  );
  if (zones.includes(undefined))
    throw new Error(`EC2 knows ${Subnets.length} of the three public subnets of ${stackId}`);
  return zones as string[];
}

import {
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypeOfferingsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { paginateDescribeOrderableDBInstanceOptions, type RDSClient } from '@aws-sdk/client-rds';
import { allOf } from './seen';

/** Name of a zone to its id, which is the same place in every account. */
export async function zoneIds(client: EC2Client): Promise<ReadonlyMap<string, string>> {
  const { AvailabilityZones = [] } = await client.send(new DescribeAvailabilityZonesCommand());
  return new Map(AvailabilityZones.map(({ ZoneName = '', ZoneId = '' }) => [ZoneName, ZoneId]));
}

/** The zones that have an instance type. */
export async function zonesWithInstances(client: EC2Client, instanceType: string): Promise<string[]> {
  const { InstanceTypeOfferings = [] } = await client.send(
    new DescribeInstanceTypeOfferingsCommand({
      LocationType: 'availability-zone',
      Filters: [{ Name: 'instance-type', Values: [instanceType] }],
    }),
  );
  return InstanceTypeOfferings.map(({ Location = '' }) => Location);
}

/** The zones in which Aurora MySQL can be serverless. */
export async function zonesWithServerlessDatabases(client: RDSClient): Promise<string[]> {
  const pages = await allOf(
    paginateDescribeOrderableDBInstanceOptions(
      { client },
      { Engine: 'aurora-mysql', DBInstanceClass: 'db.serverless' },
    ),
  );
  const names = pages.flatMap(({ OrderableDBInstanceOptions = [] }) =>
    OrderableDBInstanceOptions.flatMap(({ AvailabilityZones = [] }) =>
      AvailabilityZones.map(({ Name = '' }) => Name),
    ),
  );
  return [...new Set(names)];
}

import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { NetworkTiers } from '../../network/network-stack';
import type { Rollout } from './rollout';

/** Shared by all tiers. */
export interface TierProps {
  readonly network: NetworkTiers;
  readonly imageId: string;
  readonly rollout: Rollout;
  readonly log: ILogGroup;
  /** Of reads that go well and fast. Everything else is logged. */
  readonly loggedReadsPercent: number;
  /** The bucket for access logs of the balancers. */
  readonly accessLogs: IBucket;
}

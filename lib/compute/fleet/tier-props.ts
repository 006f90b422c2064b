import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { NetworkTiers } from '../../network/network-stack';
import type { Rollout } from './rollout';

/** What every tier is made with. */
export interface TierProps {
  readonly network: NetworkTiers;
  readonly imageId: string;
  readonly rollout: Rollout;
  readonly log: ILogGroup;
  /** Of the balancers. */
  readonly accessLogs: IBucket;
}

import { remoteShards, type ShardCall } from '../../lambda/data-migration/shards/calls';
import type { ShardControl } from '../../lambda/data-migration/shards/control';
import { OUTPUT } from '../../lib/names';
import { callDeployed } from '../aws/call-deployed';

/** The shards of a deployed shop, by its function, which the deployer's credentials invoke. */
export const deployedShards = (shop: string, region: string | undefined): ShardControl =>
  remoteShards(<Result>(call: ShardCall) =>
    callDeployed<Result>({ shop, region, output: OUTPUT.shardFunction, phase: 6 }, call),
  );

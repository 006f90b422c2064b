import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ShardCall } from '../../lambda/data-migration/shards/calls';
import { shardNames } from '../../lambda/users/sharding/shard-names';
import { OUTPUT } from '../names';
import { outputOf } from './stack-output';

/** Sent once: the guard itself is called again when it fails. */
const ONCE = { maxAttempts: 1 };

/**
 * Takes the shards that leave a deploy off the map of buckets, so that no bucket goes there meanwhile.
 * @param stackName the stack of the function that moves buckets
 * @returns the buckets that are there or on their way, by shard; then nothing has changed
 */
export async function leaveShards(stackName: string, kept: number): Promise<Record<string, number>> {
  const FunctionName = await outputOf(stackName, OUTPUT.shardFunction);
  // Nobody has deployed a second shard.
  if (!FunctionName) return {};
  const call: ShardCall = { call: 'keepOnly', names: shardNames(kept) };
  const { Payload, FunctionError } = await new LambdaClient(ONCE).send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(call) }),
  );
  const result = JSON.parse(Payload?.transformToString() || 'null');
  if (FunctionError) throw new Error(`${FunctionName} failed: ${result?.errorMessage ?? FunctionError}`);
  return result;
}

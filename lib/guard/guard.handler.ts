import { type CustomResourceEvent, respond } from '../custom-resource/respond';
import { isRollingBack } from '../custom-resource/rolling-back';
import { whenAllowed } from '../custom-resource/when-allowed';
import { deployedZones } from './deployed-zones';
import { markerIn } from './marker';
import { dataNotMoved, noFirstDeploy, otherZones, refusal, shardsInUse } from './refusal';
import { leaveShards } from './user-shards';
import { closeWayBack, openWayBack } from './way-back';

/** CloudFormation passes properties as strings. */
export interface GuardProperties {
  readonly Phase: string;
  /** Three names with commas. Missing in templates from before zones were names. */
  readonly Zones?: string;
  /**
   * The stack of the bucket with the marker, which must say "managed" and closes the way back then. Undefined if no
   * data has to be moved.
   */
  readonly MarkerIn?: string;
  /** The number of clusters of users, and the stack of the function that moves these. Undefined before the users have one. */
  readonly UserShards?: string;
  readonly UserShardsIn?: string;
}

/**
 * Refuses a deploy to a lower phase, over a phase, to other zones, without the data, or without shards that have users.
 * The rollback of a failed deploy passes.
 */
export async function handler(event: CustomResourceEvent<GuardProperties>): Promise<void> {
  await respond(event, async () => {
    if (event.RequestType !== 'Delete') {
      const { OldResourceProperties: before, ResourceProperties: after } = event;
      const reason = await objection(event.StackId, before, after).catch(({ message }: Error) => message);
      if (reason) {
        if (!(await isRollingBack(event.StackId))) throw new Error(reason);
        if (before?.MarkerIn && !after.MarkerIn) await reopen(before.MarkerIn);
      }
    }
    return { physicalId: 'phase-guard' };
  });
}

async function objection(
  stackId: string,
  before: GuardProperties | undefined,
  after: GuardProperties,
): Promise<string | undefined> {
  const wanted = Number(after.Phase);
  const { MarkerIn } = after;
  if (!before) return MarkerIn ? noFirstDeploy(wanted) : undefined;
  const reason =
    refusal(Number(before.Phase), wanted) ??
    (await zonesRefused(stackId, after.Zones)) ??
    (await shardsRefused(before.UserShards, after));
  if (reason || !MarkerIn) return reason;
  const place = await whenAllowed(async () => closeWayBack(await markerIn(MarkerIn)));
  return place === 'managed' ? undefined : dataNotMoved(wanted);
}

async function zonesRefused(stackId: string, wanted: string | undefined): Promise<string | undefined> {
  // A rollback to a template from before zones were names: the zones stay as they are.
  if (wanted === undefined) return undefined;
  const deployed = (await whenAllowed(() => deployedZones(stackId))).join(',');
  return wanted === deployed ? undefined : otherZones(deployed, wanted);
}

/** Also for a template of before this property: the shards that are there count. */
async function shardsRefused(
  deployed: string | undefined,
  { UserShards: wanted, UserShardsIn: stack }: GuardProperties,
): Promise<string | undefined> {
  if (!wanted || !stack || Number(deployed ?? Number.POSITIVE_INFINITY) <= Number(wanted)) return undefined;
  const held = await whenAllowed(() => leaveShards(stack, Number(wanted)));
  return Object.keys(held).length === 0 ? undefined : shardsInUse(held, Number(wanted));
}

/** Logs a failure and lets the rollback go on: a stuck stack is worse than a way back that stays closed. */
async function reopen(stackName: string): Promise<void> {
  await whenAllowed(async () => openWayBack(await markerIn(stackName))).catch((error: Error) =>
    console.error(JSON.stringify({ failed: 'to reopen the way back', reason: error.message })),
  );
}

import { type CustomResourceEvent, respond } from '../custom-resource/respond';
import { isRollingBack } from '../custom-resource/rolling-back';
import { whenAllowed } from '../custom-resource/when-allowed';
import { markerIn } from './marker';
import { dataNotMoved, noFirstDeploy, refusal } from './refusal';
import { closeWayBack, openWayBack } from './way-back';

/** CloudFormation hands properties over as strings. */
export interface GuardProperties {
  readonly Phase: string;
  /** The stack whose bucket holds the marker that must say "managed", and is closed then; without it nothing has to be moved. */
  readonly MarkerIn?: string;
}

/** Refuses a deploy that goes down, skips, or would leave the data behind; the way back of a failed deploy passes. */
export async function handler(event: CustomResourceEvent<GuardProperties>): Promise<void> {
  await respond(event, async () => {
    if (event.RequestType !== 'Delete') {
      const { OldResourceProperties: before, ResourceProperties: after } = event;
      const reason = await objection(before, after).catch(({ message }: Error) => message);
      if (reason) {
        if (!(await isRollingBack(event.StackId))) throw new Error(reason);
        if (before?.MarkerIn && !after.MarkerIn) await reopen(before.MarkerIn);
      }
    }
    return { physicalId: 'phase-guard' };
  });
}

async function objection(
  before: GuardProperties | undefined,
  after: GuardProperties,
): Promise<string | undefined> {
  const wanted = Number(after.Phase);
  const { MarkerIn } = after;
  if (!before) return MarkerIn ? noFirstDeploy(wanted) : undefined;
  const reason = refusal(Number(before.Phase), wanted);
  if (reason || !MarkerIn) return reason;
  const place = await whenAllowed(async () => closeWayBack(await markerIn(MarkerIn)));
  return place === 'managed' ? undefined : dataNotMoved(wanted);
}

/** Without success the rollback goes on: a stack that is stuck is worse than a way back that stays closed. */
async function reopen(stackName: string): Promise<void> {
  await whenAllowed(async () => openWayBack(await markerIn(stackName))).catch((error: Error) =>
    console.error(JSON.stringify({ failed: 'to open the way back', reason: error.message })),
  );
}

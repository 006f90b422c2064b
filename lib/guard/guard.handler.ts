import { type CustomResourceEvent, respond } from '../custom-resource/respond';
import { isRollingBack } from '../custom-resource/rolling-back';
import { placeOfData } from './marker';
import { dataNotMoved, refusal } from './refusal';

/** CloudFormation hands properties over as strings. */
export interface GuardProperties {
  readonly Phase: string;
  /** The stack whose bucket holds the marker that must say "managed"; without it nothing has to be moved. */
  readonly MarkerIn?: string;
}

/** Refuses a deploy that goes down, skips, or would remove what has the data; the way back of a failed deploy passes. */
export async function handler(event: CustomResourceEvent<GuardProperties>): Promise<void> {
  await respond(event, async () => {
    if (event.RequestType === 'Update' && event.OldResourceProperties) {
      const reason = await objection(event.OldResourceProperties, event.ResourceProperties);
      if (reason && !(await isRollingBack(event.StackId))) throw new Error(reason);
    }
    return { physicalId: 'phase-guard' };
  });
}

async function objection(before: GuardProperties, after: GuardProperties): Promise<string | undefined> {
  const reason = refusal(Number(before.Phase), Number(after.Phase));
  if (reason || !after.MarkerIn) return reason;
  return (await placeOfData(after.MarkerIn)) === 'managed' ? undefined : dataNotMoved(Number(after.Phase));
}

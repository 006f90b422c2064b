import { type CustomResourceEvent, respond } from '../custom-resource/respond';
import { isRollingBack } from '../custom-resource/rolling-back';
import { refusal } from './refusal';

/** CloudFormation hands properties over as strings. */
interface GuardProperties {
  readonly Phase: string;
}

/** Refuses a deploy that goes down or skips; the way back of a failed deploy passes. */
export async function handler(event: CustomResourceEvent<GuardProperties>): Promise<void> {
  await respond(event, async () => {
    const reason =
      event.RequestType === 'Update' && event.OldResourceProperties
        ? refusal(Number(event.OldResourceProperties.Phase), Number(event.ResourceProperties.Phase))
        : undefined;
    if (reason && !(await isRollingBack(event.StackId))) throw new Error(reason);
    return { physicalId: 'phase-guard' };
  });
}

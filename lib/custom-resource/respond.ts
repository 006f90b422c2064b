import { setTimeout as wait } from 'node:timers/promises';
import { whenAllowed } from './when-allowed';

/** The event that CloudFormation sends to the function behind a custom resource. */
export interface CustomResourceEvent<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
  /** On Update only. */
  readonly OldResourceProperties?: Properties;
}

/** The result of the work. Templates read `data` with Fn::GetAtt. */
export interface Made {
  /** An update must return the same id: a different one makes CloudFormation delete the "old" resource. */
  readonly physicalId: string;
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Runs the work and tells CloudFormation how it ended; an error's message becomes the reason people read. Work that AWS
 * denies is run again from its start: the permissions come with the same deploy, seconds before the call (rule CDK-15).
 * Without an answer the stack would hang until the resource's time is up, so sending it is tried again.
 */
export async function respond<Properties>(
  event: CustomResourceEvent<Properties>,
  work: () => Promise<Made>,
): Promise<void> {
  const outcome = await whenAllowed(work).then(
    ({ physicalId, data }) => ({
      Status: 'SUCCESS',
      PhysicalResourceId: event.PhysicalResourceId ?? physicalId,
      Data: data,
    }),
    (error: unknown) => ({
      Status: 'FAILED',
      Reason: error instanceof Error ? error.message : String(error),
      PhysicalResourceId: event.PhysicalResourceId ?? event.LogicalResourceId,
    }),
  );
  const { StackId, RequestId, LogicalResourceId } = event;
  console.log(JSON.stringify({ request: event.RequestType, ...outcome }));
  await send(event.ResponseURL, fitting({ ...outcome, StackId, RequestId, LogicalResourceId }));
}

/** CloudFormation ignores larger responses and would wait until the resource times out. */
const mostBytes = 4096;

/** Truncates the reason from its start: the last lines of a log matter most. */
function fitting(answer: Readonly<Record<string, unknown> & { Reason?: string }>): string {
  for (let length = mostBytes; ; length -= 100) {
    const body = JSON.stringify({ ...answer, Reason: answer.Reason?.slice(-length) });
    if (Buffer.byteLength(body) <= mostBytes || length < 200) return body;
  }
}

const attempts = 5;

async function send(url: string, body: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Bytes, not a string: fetch would add a content type, which the presigned URL does not sign.
      const response = await fetch(url, { method: 'PUT', body: new TextEncoder().encode(body) });
      if (response.ok) return;
      throw new Error(`The response URL of CloudFormation returned ${response.status}`);
    } catch (error) {
      if (attempt === attempts) throw error;
      await wait(2 ** attempt * 50);
    }
  }
}

import { setTimeout as wait } from 'node:timers/promises';

/** What CloudFormation sends to the function behind a custom resource. */
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

/** What the work made; `data` is what the template may read with Fn::GetAtt. */
export interface Made {
  /** Of a new resource. One that has an id keeps it: another would make CloudFormation delete the "old" resource. */
  readonly physicalId: string;
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Runs the work and tells CloudFormation how it ended; an error's message becomes the reason people read.
 * Without an answer the stack would hang for an hour, so sending it is tried again.
 */
export async function respond<Properties>(
  event: CustomResourceEvent<Properties>,
  work: () => Promise<Made>,
): Promise<void> {
  const outcome = await work().then(
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

/** CloudFormation takes no larger answer, and would wait until the resource's time is up. */
const mostBytes = 4096;

/** A reason is shortened from its start: the last lines of a log say what happened. */
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
      throw new Error(`CloudFormation's answer address said ${response.status}`);
    } catch (error) {
      if (attempt === attempts) throw error;
      await wait(2 ** attempt * 50);
    }
  }
}

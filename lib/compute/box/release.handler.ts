import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CustomResourceEvent, respond } from '../../custom-resource/respond';
import { isRollingBack } from '../../custom-resource/rolling-back';
import { deploymentKeys } from '../../names';

export interface ReleaseRequest {
  readonly Release: string;
  readonly Bucket: string;
  readonly Key: string;
  /** Part of the release: rolled back with its code. */
  readonly Settings?: Readonly<Record<string, string>>;
}

/** The result that the box writes. */
interface Outcome {
  readonly ok: boolean;
  readonly release: string;
  readonly message: string;
}

/** Requests a release from the box and waits for the outcome. */
export async function handler(
  event: CustomResourceEvent<ReleaseRequest>,
  context: { getRemainingTimeInMillis(): number },
  pauseMs = 5_000,
): Promise<void> {
  await respond(event, async () => {
    if (event.RequestType === 'Delete') return made;
    const s3 = new S3Client();
    const wanted = await ask(s3, event);
    const outcome = await hear(s3, event.RequestId, pauseMs, context);
    if (outcome?.ok) return made;
    const reason = outcome
      ? `The box rejected release ${wanted} and reverted to the previous one: ${outcome.message}`
      : `The box did not report on release ${wanted} in time. It may still be booting or be unhealthy: ${runbook}`;
    // A rollback must not fail, or the stack is stuck. It has already requested the previous release.
    if (!(await isRollingBack(event.StackId))) throw new Error(reason);
    console.error(JSON.stringify({ rollback: reason }));
    return made;
  });
}

const made = { physicalId: 'release' };
const runbook = 'see "A release was refused" in docs/runbook.md.';

/** Reserved for the response to CloudFormation. */
const marginMs = 30_000;

async function ask(s3: S3Client, { RequestId, ResourceProperties }: CustomResourceEvent<ReleaseRequest>) {
  const { Bucket: bucket, Key: key, Settings: settings } = ResourceProperties;
  const release = releaseName(ResourceProperties);
  await s3.send(
    new PutObjectCommand({
      Bucket: process.env.BUCKET,
      Key: deploymentKeys.desired,
      Body: JSON.stringify({ release, bucket, key, settings, deployment: RequestId }),
      ContentType: 'application/json',
    }),
  );
  return release;
}

/** The same code with different settings is a different release. */
function releaseName({ Release, Settings }: ReleaseRequest): string {
  if (!Settings) return Release;
  const sorted = Object.entries(Settings).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${Release}-${createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12)}`;
}

/** Polls for the outcome of this request; undefined when the time is up. */
async function hear(
  s3: S3Client,
  deployment: string,
  pauseMs: number,
  context: { getRemainingTimeInMillis(): number },
): Promise<Outcome | undefined> {
  while (context.getRemainingTimeInMillis() > marginMs) {
    try {
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: process.env.BUCKET, Key: deploymentKeys.outcome(deployment) }),
      );
      return JSON.parse((await Body?.transformToString()) ?? '');
    } catch (error) {
      if (!(error instanceof NoSuchKey)) throw error;
    }
    await wait(pauseMs);
  }
  return undefined;
}

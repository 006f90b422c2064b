import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { errorLinesOf, type LogsEvent } from './error-lines.steps';
import { type AlarmMessage, type PagerDuty, reportAlarm } from './pagerduty.steps';
import { reportErrors, type Sentry } from './sentry.steps';

export interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[];
}

/**
 * Reports alarms to PagerDuty and errors to Sentry. Lambda repeats an event that fails, and keeps it in the end; both
 * services recognize what they got before.
 */
export async function handler(event: SnsEvent | LogsEvent, _context?: object): Promise<void> {
  const { PAGERDUTY_SECRET, SENTRY_SECRET } = process.env;
  if ('awslogs' in event) {
    const lines = errorLinesOf(event);
    if (lines.length > 0) await reportErrors(lines, await secret<Sentry>(SENTRY_SECRET));
    return;
  }
  for (const { Sns } of event.Records) {
    const alarm: AlarmMessage = JSON.parse(Sns.Message);
    await reportAlarm(alarm, await secret<PagerDuty>(PAGERDUTY_SECRET));
  }
}

const KEPT_MS = 5 * 60_000;
const kept = new Map<string, { readonly at: number; readonly content: Promise<unknown> }>();

/** The content of a secret, at most five minutes old: a new key needs no deploy. */
function secret<Content>(id = ''): Promise<Content> {
  const known = kept.get(id);
  if (known && Date.now() - known.at < KEPT_MS) return known.content as Promise<Content>;
  const content = read(id);
  kept.set(id, { at: Date.now(), content });
  content.catch(() => kept.delete(id));
  return content as Promise<Content>;
}

async function read(SecretId: string): Promise<unknown> {
  const { SecretString = '' } = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId }),
  );
  try {
    return JSON.parse(SecretString);
  } catch {
    // Without the error, which quotes the secret.
    throw new Error(
      `The secret ${SecretId} must be JSON: {"key": "…"} of PagerDuty or {"dsn": "…"} of Sentry`,
    );
  }
}
